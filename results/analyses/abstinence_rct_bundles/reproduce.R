# Pools abstinence_rct_bundles again with metafor and stops if a number differs. Run it in this folder: Rscript reproduce.R
suppressPackageStartupMessages(library(metafor))
effects <- read.csv("effects.csv")
control <- list(threshold = 1e-12, maxiter = 10000)  # metafor's default stops at 1e-5 on tau2
agree <- function(ours, fit, tolerance = 1e-6) {  # iterative estimators: 1e-6
  theirs <- c(fit$beta, fit$ci.lb, fit$ci.ub, if (inherits(fit, "rma.mv")) sum(fit$sigma2) else fit$tau2)
  stopifnot(all(abs(ours - theirs) <= tolerance * pmax(1, abs(theirs))))
}
agree(c(0.546273227010585, -2.23581487950755, 3.32836133352872, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.546273227010585, 0.11712915104047, 0.9754173029807, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.546273227010585, 0.11712915104047, 0.9754173029807, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.546273227010585, 0.11712915104047, 0.9754173029807, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.546273227010585, 0.11712915104047, 0.9754173029807, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.546273227010585, -2.23581487950755, 3.32836133352872, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.546273227010585, 0.11712915104047, 0.9754173029807, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.546273227010585, 0.11712915104047, 0.9754173029807, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.546273227010585, 0.11712915104047, 0.9754173029807, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.546273227010585, 0.11712915104047, 0.9754173029807, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.546273227010585, -2.23581487950755, 3.32836133352872, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.546273227010585, 0.11712915104047, 0.9754173029807, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.546273227010585, 0.11712915104047, 0.9754173029807, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.546273227010585, 0.11712915104047, 0.9754173029807, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.546273227010585, 0.11712915104047, 0.9754173029807, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.546273227010585, -2.23581487950755, 3.32836133352872, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.546273227010585, 0.11712915104047, 0.9754173029807, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.546273227010585, 0.11712915104047, 0.9754173029807, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.546273227010585, 0.11712915104047, 0.9754173029807, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.546273227010585, 0.11712915104047, 0.9754173029807, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.0027348229353733, 0.852526647891358, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.0027348229353733, 0.852526647891358, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.0027348229353733, 0.852526647891358, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.430398401583203, -0.00289840136050451, 0.863695204526912, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.430398401583203, 0.163545155080335, 0.697251648086072, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.430398401583203, 0.163545155080335, 0.697251648086072, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.430398401583203, 0.163545155080335, 0.697251648086072, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.430398401583203, 0.163545155080335, 0.697251648086072, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.0027348229353733, 0.852526647891358, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.426909385989703, -0.0328175656342556, 0.886636337613661, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.426909385989703, 0.143778680403448, 0.710040091575958, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.426909385989703, 0.143778680403448, 0.710040091575958, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.426909385989703, 0.143778680403448, 0.710040091575958, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.426909385989703, 0.143778680403448, 0.710040091575958, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.0027348229353733, 0.852526647891358, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.430398401583203, -0.00289840136050451, 0.863695204526912, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.430398401583203, 0.163545155080335, 0.697251648086072, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.430398401583203, 0.163545155080335, 0.697251648086072, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.430398401583203, 0.163545155080335, 0.697251648086072, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.430398401583203, 0.163545155080335, 0.697251648086072, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.0027348229353733, 0.852526647891358, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.426909385989703, -0.0328175656342556, 0.886636337613661, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.426909385989703, 0.143778680403448, 0.710040091575958, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.426909385989703, 0.143778680403448, 0.710040091575958, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.426909385989703, 0.143778680403448, 0.710040091575958, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.426909385989703, 0.143778680403448, 0.710040091575958, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.0027348229353733, 0.852526647891358, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.427630735413366, 0.165951320979095, 0.689310149847636, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.430398401583203, -0.00289840136050451, 0.863695204526912, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.430398401583203, 0.163545155080335, 0.697251648086072, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.430398401583203, 0.163545155080335, 0.697251648086072, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.430398401583203, 0.163545155080335, 0.697251648086072, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.430398401583203, 0.163545155080335, 0.697251648086072, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
cat("abstinence_rct_bundles: 80 pooled results agree with metafor.\n")
