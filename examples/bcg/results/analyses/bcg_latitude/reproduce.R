# Pools bcg_latitude again with metafor and stops if a number differs. Run it in this folder: Rscript reproduce.R
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
agree(c(0.251468210007373, -0.0291017250116497, -0.373447126086614, -0.0471529230250583, 0.87638354610136, -0.0110505269982412, 0.0763479639551982),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"), mods = ~ latitude,
      method = "REML", test = "knha", level = 95, control = control))
agree(c(0.251468210007373, -0.0291017250116497, -0.236749796076196, -0.043204307221603, 0.739686216090942, -0.0149991428016965, 0.0763479639551982),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"), mods = ~ latitude,
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.259543712434023, -0.0292287387551885, -0.195770568755155, -0.0424251975082581, 0.714857993623202, -0.0160322800021188, 0.063300502426415),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"), mods = ~ latitude,
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.343564577446591, -0.0292369342595418, 0.184711888659753, -0.0344356004221984, 0.502417266233428, -0.0240382680968852, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"), mods = ~ latitude,
      method = "EE", test = "z", level = 95, control = control))
cat("bcg_latitude: 4 pooled results agree with metafor.\n")
