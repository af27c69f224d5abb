# Pools abstinence_rct again with metafor and stops if a number differs. Run it in this folder: Rscript reproduce.R
suppressPackageStartupMessages(library(metafor))
effects <- read.csv("effects.csv")
control <- list(threshold = 1e-12, maxiter = 10000)  # metafor's default stops at 1e-5 on tau2
agree <- function(ours, fit, tolerance = 1e-6) {  # iterative estimators: 1e-6
  theirs <- c(fit$beta, fit$ci.lb, fit$ci.ub, if (inherits(fit, "rma.mv")) sum(fit$sigma2) else fit$tau2)
  stopifnot(all(abs(ours - theirs) <= tolerance * pmax(1, abs(theirs))))
}
agree(c(0.396441384596447, -0.197492582049773, 0.990375351242666, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.396441384596447, -0.197492582049773, 0.990375351242666, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.396441384596447, -0.197492582049773, 0.990375351242666, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.398072986560703, -0.208439713228817, 1.00458568635022, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.398072986560703, 0.12179155684308, 0.674354416278325, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.398072986560703, 0.12179155684308, 0.674354416278325, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.398072986560703, 0.12179155684308, 0.674354416278325, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.398072986560703, 0.12179155684308, 0.674354416278325, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.396441384596447, -0.197492582049773, 0.990375351242666, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.38990315435648, -0.256534104581435, 1.0363404132944, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.38990315435648, 0.0954351074646547, 0.684371201248306, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.38990315435648, 0.0954351074646547, 0.684371201248306, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.38990315435648, 0.0954351074646547, 0.684371201248306, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.38990315435648, 0.0954351074646547, 0.684371201248306, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.396441384596447, -0.197492582049773, 0.990375351242666, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.398072986560703, -0.208439713228817, 1.00458568635022, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.398072986560703, 0.12179155684308, 0.674354416278325, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.398072986560703, 0.12179155684308, 0.674354416278325, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.398072986560703, 0.12179155684308, 0.674354416278325, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.398072986560703, 0.12179155684308, 0.674354416278325, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.396441384596447, -0.197492582049773, 0.990375351242666, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.38990315435648, -0.256534104581435, 1.0363404132944, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.38990315435648, 0.0954351074646547, 0.684371201248306, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.38990315435648, 0.0954351074646547, 0.684371201248306, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.38990315435648, 0.0954351074646547, 0.684371201248306, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.38990315435648, 0.0954351074646547, 0.684371201248306, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.396441384596447, -0.197492582049773, 0.990375351242666, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.396441384596447, 0.125889876738784, 0.666992892454109, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.398072986560703, -0.208439713228817, 1.00458568635022, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.398072986560703, 0.12179155684308, 0.674354416278325, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.398072986560703, 0.12179155684308, 0.674354416278325, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.398072986560703, 0.12179155684308, 0.674354416278325, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.398072986560703, 0.12179155684308, 0.674354416278325, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
cat("abstinence_rct: 60 pooled results agree with metafor.\n")
