# Pools substance_use_amount_rct again with metafor and stops if a number differs. Run it in this folder: Rscript reproduce.R
suppressPackageStartupMessages(library(metafor))
effects <- read.csv("effects.csv")
control <- list(threshold = 1e-12, maxiter = 10000)  # metafor's default stops at 1e-5 on tau2
agree <- function(ours, fit) {
  theirs <- c(fit$beta, fit$ci.lb, fit$ci.ub, fit$tau2)
  stopifnot(all(abs(ours - theirs) <= 1e-6 * pmax(1, abs(theirs))))  # iterative estimators: 1e-6
}
agree(c(-0.091784346981886, -6.19093400912417, 6.0073653151604, 0.392619504254185),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(-0.091784346981886, -1.03259349671052, 0.849024802746752, 0.392619504254185),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.0917843469818862, -1.03259349671053, 0.849024802746753, 0.392619504254185),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(-0.0727540736066754, -0.734388515494317, 0.588880368280966, 0.16042246758471),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0153011102990794, -0.335803045695549, 0.366405266293708, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(-0.091784346981886, -6.19093400912417, 6.0073653151604, 0.392619504254185),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(-0.091784346981886, -1.03259349671052, 0.849024802746752, 0.392619504254185),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.0917843469818862, -1.03259349671053, 0.849024802746753, 0.392619504254185),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(-0.0727540736066754, -0.734388515494317, 0.588880368280966, 0.16042246758471),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0153011102990794, -0.335803045695549, 0.366405266293708, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
cat("substance_use_amount_rct: 10 pooled results agree with metafor.\n")
