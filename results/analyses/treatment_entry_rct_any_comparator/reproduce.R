# Pools treatment_entry_rct_any_comparator again with metafor and stops if a number differs. Run it in this folder: Rscript reproduce.R
suppressPackageStartupMessages(library(metafor))
effects <- read.csv("effects.csv")
control <- list(threshold = 1e-12, maxiter = 10000)  # metafor's default stops at 1e-5 on tau2
agree <- function(ours, fit, tolerance = 1e-6) {  # iterative estimators: 1e-6
  theirs <- c(fit$beta, fit$ci.lb, fit$ci.ub, if (inherits(fit, "rma.mv")) sum(fit$sigma2) else fit$tau2)
  stopifnot(all(abs(ours - theirs) <= tolerance * pmax(1, abs(theirs))))
}
agree(c(0.257343714402076, -4.49845903410436, 5.01314646290851, 0.169228293549149),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.257343714402076, -0.476250800891043, 0.990938229695196, 0.169228293549149),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.257343714402076, -0.476250800891043, 0.990938229695196, 0.169228293549149),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0917053701134163, -0.245131139228544, 0.428541879455376, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0917053701134163, -0.245131139228544, 0.428541879455376, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.257343714402076, -4.49845903410436, 5.01314646290851, 0.169228293549149),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.257343714402076, -0.476250800891043, 0.990938229695196, 0.169228293549149),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.257343714402076, -0.476250800891043, 0.990938229695196, 0.169228293549149),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0917053701134163, -0.245131139228544, 0.428541879455376, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0917053701134163, -0.245131139228544, 0.428541879455376, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.267184712046118, -4.22311907218997, 4.75748849628221, 0.143051523983162),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.267184712046118, -0.42545592136746, 0.959825345459696, 0.143051523983162),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.267184712046118, -0.425455921367461, 0.959825345459696, 0.143051523983162),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.121251140231526, -0.215604561888006, 0.458106842351058, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.121251140231526, -0.215604561888006, 0.458106842351058, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.246991145075282, -4.76509342864552, 5.25907571879609, 0.19648487402773),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.246991145075282, -0.526135485254697, 1.02011777540526, 0.19648487402773),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.246991145075283, -0.526135485254697, 1.02011777540526, 0.196484874027731),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0621775563236478, -0.274675587050398, 0.399030699697693, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0621775563236478, -0.274675587050398, 0.399030699697693, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0826930331308472, -0.634335797979542, 0.799721864241237, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0826930331308472, -0.237164243381273, 0.402550309642968, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.0933422451875641, -0.252739563080089, 0.439424053455217, 0.00695863168065438),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0826930331308472, -0.237164243381273, 0.402550309642968, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0826930331308472, -0.237164243381273, 0.402550309642968, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0826930331308472, -0.634335797979542, 0.799721864241237, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0826930331308472, -0.237164243381273, 0.402550309642968, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.0933422451875641, -0.252739563080089, 0.439424053455217, 0.00695863168065438),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0826930331308472, -0.237164243381273, 0.402550309642968, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0826930331308472, -0.237164243381273, 0.402550309642968, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.109765502990314, -0.593828497781471, 0.813359503762099, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.109765502990314, -0.210738843483273, 0.430269849463901, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.109765502990314, -0.210738843483273, 0.430269849463901, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.109765502990314, -0.210738843483273, 0.430269849463901, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.109765502990314, -0.210738843483273, 0.430269849463901, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0777109047945468, -0.747460023160169, 0.902881832749262, 0.013506201742013),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0777109047945468, -0.29108395850205, 0.446505768091144, 0.013506201742013),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.0863871608543, -0.301780582488757, 0.474554904197357, 0.0199035058313368),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0562878052372316, -0.264214337307256, 0.376789947781719, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0562878052372316, -0.264214337307256, 0.376789947781719, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0826930331308472, -0.634335797979542, 0.799721864241237, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0826930331308472, -0.237164243381273, 0.402550309642968, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.0933422451875641, -0.252739563080089, 0.439424053455217, 0.00695863168065438),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0826930331308472, -0.237164243381273, 0.402550309642968, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0826930331308472, -0.237164243381273, 0.402550309642968, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0826930331308472, -0.634335797979542, 0.799721864241237, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0826930331308472, -0.237164243381273, 0.402550309642968, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.0933422451875641, -0.252739563080089, 0.439424053455217, 0.00695863168065438),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0826930331308472, -0.237164243381273, 0.402550309642968, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0826930331308472, -0.237164243381273, 0.402550309642968, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.109765502990314, -0.593828497781471, 0.813359503762099, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.109765502990314, -0.210738843483273, 0.430269849463901, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.109765502990314, -0.210738843483273, 0.430269849463901, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.109765502990314, -0.210738843483273, 0.430269849463901, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.109765502990314, -0.210738843483273, 0.430269849463901, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0777109047945468, -0.747460023160169, 0.902881832749262, 0.013506201742013),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0777109047945468, -0.29108395850205, 0.446505768091144, 0.013506201742013),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.0863871608543, -0.301780582488757, 0.474554904197357, 0.0199035058313368),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0562878052372316, -0.264214337307256, 0.376789947781719, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0562878052372316, -0.264214337307256, 0.376789947781719, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0826930331308472, -0.634335797979542, 0.799721864241237, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0826930331308472, -0.237164243381273, 0.402550309642968, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.0933422451875641, -0.252739563080089, 0.439424053455217, 0.00695863168065438),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0826930331308472, -0.237164243381273, 0.402550309642968, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0826930331308472, -0.237164243381273, 0.402550309642968, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0826930331308472, -0.634335797979542, 0.799721864241237, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0826930331308472, -0.237164243381273, 0.402550309642968, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.0933422451875641, -0.252739563080089, 0.439424053455217, 0.00695863168065438),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0826930331308472, -0.237164243381273, 0.402550309642968, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0826930331308472, -0.237164243381273, 0.402550309642968, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.109765502990314, -0.593828497781471, 0.813359503762099, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.109765502990314, -0.210738843483273, 0.430269849463901, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.109765502990314, -0.210738843483273, 0.430269849463901, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.109765502990314, -0.210738843483273, 0.430269849463901, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.109765502990314, -0.210738843483273, 0.430269849463901, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0777109047945468, -0.747460023160169, 0.902881832749262, 0.013506201742013),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0777109047945468, -0.29108395850205, 0.446505768091144, 0.013506201742013),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.0863871608543, -0.301780582488757, 0.474554904197357, 0.0199035058313368),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0562878052372316, -0.264214337307256, 0.376789947781719, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0562878052372316, -0.264214337307256, 0.376789947781719, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
cat("treatment_entry_rct_any_comparator: 80 pooled results agree with metafor.\n")
