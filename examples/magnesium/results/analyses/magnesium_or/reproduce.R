# Pools magnesium_or again with metafor and stops if a number differs. Run it in this folder: Rscript reproduce.R
suppressPackageStartupMessages(library(metafor))
effects <- read.csv("effects.csv")
control <- list(threshold = 1e-12, maxiter = 10000)  # metafor's default stops at 1e-5 on tau2
agree <- function(ours, fit, tolerance = 1e-6) {  # iterative estimators: 1e-6
  theirs <- c(fit$beta, fit$ci.lb, fit$ci.ub, if (inherits(fit, "rma.mv")) sum(fit$sigma2) else fit$tau2)
  stopifnot(all(abs(ours - theirs) <= tolerance * pmax(1, abs(theirs))))
}
agree(c(-0.766589879880984, -1.21803328135274, -0.315146478409231, 0.292637832225515),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(-0.766589879880984, -1.18171244742481, -0.35146731233716, 0.292637832225515),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.727582913709521, -1.11235466080329, -0.342811166615749, 0.223883056248799),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0147544547701814, -0.0450497364445316, 0.0745586459848945, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
cat("magnesium_or: 4 pooled results agree with metafor.\n")
