# Pools appointments_nonrandomised again with metafor and stops if a number differs. Run it in this folder: Rscript reproduce.R
suppressPackageStartupMessages(library(metafor))
effects <- read.csv("effects.csv")
control <- list(threshold = 1e-12, maxiter = 10000)  # metafor's default stops at 1e-5 on tau2
agree <- function(ours, fit, tolerance = 1e-6) {  # iterative estimators: 1e-6
  theirs <- c(fit$beta, fit$ci.lb, fit$ci.ub, if (inherits(fit, "rma.mv")) sum(fit$sigma2) else fit$tau2)
  stopifnot(all(abs(ours - theirs) <= tolerance * pmax(1, abs(theirs))))
}
agree(c(0.340385685256083, -0.873281172986465, 1.55405254349863, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.340385685256083, -0.873281172986465, 1.55405254349863, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.344510340566122, -0.884544067553285, 1.57356474868553, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.344510340566122, 0.154925612083347, 0.534095069048897, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.344510340566122, 0.154925612083347, 0.534095069048897, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.344510340566122, 0.154925612083347, 0.534095069048897, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.344510340566122, 0.154925612083347, 0.534095069048897, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.340385685256083, -0.873281172986465, 1.55405254349863, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.340385685256083, -0.873281172986465, 1.55405254349863, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.340385685256083, -0.873281172986465, 1.55405254349863, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.344510340566122, -0.884544067553285, 1.57356474868553, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.344510340566122, 0.154925612083347, 0.534095069048897, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.344510340566122, 0.154925612083347, 0.534095069048897, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.344510340566122, 0.154925612083347, 0.534095069048897, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.344510340566122, 0.154925612083347, 0.534095069048897, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.340385685256083, -0.873281172986465, 1.55405254349863, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.340385685256083, 0.153174524978383, 0.527596845533783, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
cat("appointments_nonrandomised: 40 pooled results agree with metafor.\n")
