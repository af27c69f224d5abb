# Pools substance_use_amount_rct again with metafor and stops if a number differs. Run it in this folder: Rscript reproduce.R
suppressPackageStartupMessages(library(metafor))
effects <- read.csv("effects.csv")
control <- list(threshold = 1e-12, maxiter = 10000)  # metafor's default stops at 1e-5 on tau2
agree <- function(ours, fit, tolerance = 1e-6) {  # iterative estimators: 1e-6
  theirs <- c(fit$beta, fit$ci.lb, fit$ci.ub, if (inherits(fit, "rma.mv")) sum(fit$sigma2) else fit$tau2)
  stopifnot(all(abs(ours - theirs) <= tolerance * pmax(1, abs(theirs))))
}
agree(c(-0.0917843469818855, -6.19093400912417, 6.0073653151604, 0.392619504254168),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(-0.0917843469818855, -1.03259349671051, 0.849024802746736, 0.392619504254168),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.0917843469818861, -1.03259349671052, 0.849024802746753, 0.392619504254185),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(-0.0727540736066755, -0.734388515494317, 0.588880368280966, 0.16042246758471),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0153011102990794, -0.335803045695549, 0.366405266293708, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(-0.0917843469818855, -6.19093400912417, 6.0073653151604, 0.392619504254168),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(-0.0917843469818855, -1.03259349671051, 0.849024802746736, 0.392619504254168),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.0917843469818861, -1.03259349671052, 0.849024802746753, 0.392619504254185),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(-0.0727540736066755, -0.734388515494317, 0.588880368280966, 0.16042246758471),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0153011102990794, -0.335803045695549, 0.366405266293708, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(-0.0991767955344429, -6.25078193994722, 6.05242834887833, 0.397784755587951),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(-0.0991767955344429, -1.04807733511365, 0.849723744044766, 0.397784755587951),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.0991767955344438, -1.04807733511368, 0.849723744044788, 0.397784755587974),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(-0.0794827634730896, -0.746617203669383, 0.587651676723204, 0.161482206753653),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.00858112063516123, -0.349648862573637, 0.36681110384396, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(-0.0909461920701789, -6.21616016737029, 6.03426778322993, 0.395430499090544),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(-0.0909461920701789, -1.03577582754823, 0.85388344340787, 0.395430499090544),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.0909461920701797, -1.03577582754825, 0.853883443407888, 0.395430499090563),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(-0.0731265435661351, -0.738058445781677, 0.591805358649407, 0.161476726188403),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.00868713776553508, -0.346898390978743, 0.364272666509814, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(-0.0917843469818855, -6.19093400912417, 6.0073653151604, 0.392619504254168),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(-0.0917843469818855, -1.03259349671051, 0.849024802746736, 0.392619504254168),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.0917843469818861, -1.03259349671052, 0.849024802746753, 0.392619504254185),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(-0.0727540736066755, -0.734388515494317, 0.588880368280966, 0.16042246758471),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0153011102990794, -0.335803045695549, 0.366405266293708, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(-0.0917843469818855, -6.19093400912417, 6.0073653151604, 0.392619504254168),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(-0.0917843469818855, -1.03259349671051, 0.849024802746736, 0.392619504254168),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.0917843469818861, -1.03259349671052, 0.849024802746753, 0.392619504254185),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(-0.0727540736066755, -0.734388515494317, 0.588880368280966, 0.16042246758471),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0153011102990794, -0.335803045695549, 0.366405266293708, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(-0.0991767955344429, -6.25078193994722, 6.05242834887833, 0.397784755587951),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(-0.0991767955344429, -1.04807733511365, 0.849723744044766, 0.397784755587951),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.0991767955344438, -1.04807733511368, 0.849723744044788, 0.397784755587974),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(-0.0794827634730896, -0.746617203669383, 0.587651676723204, 0.161482206753653),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.00858112063516123, -0.349648862573637, 0.36681110384396, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(-0.0909461920701789, -6.21616016737029, 6.03426778322993, 0.395430499090544),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(-0.0909461920701789, -1.03577582754823, 0.85388344340787, 0.395430499090544),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.0909461920701797, -1.03577582754825, 0.853883443407888, 0.395430499090563),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(-0.0731265435661351, -0.738058445781677, 0.591805358649407, 0.161476726188403),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.00868713776553508, -0.346898390978743, 0.364272666509814, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
cat("substance_use_amount_rct: 40 pooled results agree with metafor.\n")
