# Pools bcg_rr again with metafor and stops if a number differs. Run it in this folder: Rscript reproduce.R
suppressPackageStartupMessages(library(metafor))
effects <- read.csv("effects.csv")
control <- list(threshold = 1e-12, maxiter = 10000)  # metafor's default stops at 1e-5 on tau2
agree <- function(ours, fit, tolerance = 1e-6) {  # iterative estimators: 1e-6
  theirs <- c(fit$beta, fit$ci.lb, fit$ci.ub, if (inherits(fit, "rma.mv")) sum(fit$sigma2) else fit$tau2)
  stopifnot(all(abs(ours - theirs) <= tolerance * pmax(1, abs(theirs))))
}
agree(c(-0.714532342158139, -1.10844371368555, -0.320620970630728, 0.313243258136481),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "REML", test = "knha", level = 95, control = control))
agree(c(-0.714532342158139, -1.06689763881035, -0.362167045505928, 0.313243258136481),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.714117222073227, -1.06444528008405, -0.363789164062403, 0.308760262862377),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(-0.430285163654091, -0.509661258426214, -0.350909068881968, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
cat("bcg_rr: 4 pooled results agree with metafor.\n")
