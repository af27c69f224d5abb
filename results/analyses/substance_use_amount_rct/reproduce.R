# Pools substance_use_amount_rct again with metafor and stops if a number differs. Run it in this folder: Rscript reproduce.R
suppressPackageStartupMessages(library(metafor))
effects <- read.csv("effects.csv")
control <- list(threshold = 1e-12, maxiter = 10000)  # metafor's default stops at 1e-5 on tau2
agree <- function(ours, fit) {
  theirs <- c(fit$beta[1], fit$ci.lb[1], fit$ci.ub[1], fit$tau2)
  stopifnot(all(abs(ours - theirs) <= 1e-6 * pmax(1, abs(theirs))))  # iterative estimators: 1e-6
}
agree(c(-0.275521041724776, -3.84418884492973, 3.29314676148018, 0.0914139129396626),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(-0.275521041724776, -0.825997010930284, 0.274954927480732, 0.0914139129396626),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.275521041724776, -0.825997010930284, 0.274954927480732, 0.0914139129396625),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(-0.238622322895357, -0.60676253440507, 0.129517888614355, 0.00662128962040143),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-0.231895091996074, -0.58112976779581, 0.117339583803662, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(-0.275521041724776, -3.84418884492973, 3.29314676148018, 0.0914139129396626),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(-0.275521041724776, -0.825997010930284, 0.274954927480732, 0.0914139129396626),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.275521041724776, -0.825997010930284, 0.274954927480732, 0.0914139129396625),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(-0.238622322895357, -0.60676253440507, 0.129517888614355, 0.00662128962040143),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-0.231895091996074, -0.58112976779581, 0.117339583803662, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
cat("substance_use_amount_rct: 10 pooled results agree with metafor.\n")
