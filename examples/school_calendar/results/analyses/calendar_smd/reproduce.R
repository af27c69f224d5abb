# Pools calendar_smd again with metafor and stops if a number differs. Run it in this folder: Rscript reproduce.R
suppressPackageStartupMessages(library(metafor))
effects <- read.csv("effects.csv")
control <- list(threshold = 1e-12, maxiter = 10000)  # metafor's default stops at 1e-5 on tau2
agree <- function(ours, fit, tolerance = 1e-6) {  # iterative estimators: 1e-6
  theirs <- c(fit$beta, fit$ci.lb, fit$ci.ub, if (inherits(fit, "rma.mv")) sum(fit$sigma2) else fit$tau2)
  stopifnot(all(abs(ours - theirs) <= tolerance * pmax(1, abs(theirs))))
}
chosen <- subset(effects, ladder_step == "variances_as_printed" & reading == "preferred")
agree(c(0.184713163496638, -0.0036891621718444, 0.373115489165121, 0.0977984600661906), rma.mv(yi, vi, random = ~ 1 | cohort_id/result_id, data = chosen,
  method = "REML", test = "t", dfs = "contain", level = 95), 1e-4)
chosen <- subset(effects, ladder_step == "variances_as_printed" & reading == "preferred")
agree(c(0.184713163496638, -0.00382548356656831, 0.373251810559845, 0.0977984600661906), robust(rma.mv(yi, vi, random = ~ 1 | cohort_id/result_id, data = chosen,
  method = "REML", test = "z", dfs = "contain", level = 95),
  cluster = chosen$cohort_id, clubSandwich = TRUE), 1e-4)
cat("calendar_smd: 2 pooled results agree with metafor.\n")
