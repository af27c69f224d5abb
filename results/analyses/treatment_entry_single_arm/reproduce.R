# Pools treatment_entry_single_arm again with metafor and stops if a number differs. Run it in this folder: Rscript reproduce.R
suppressPackageStartupMessages(library(metafor))
effects <- read.csv("effects.csv")
control <- list(threshold = 1e-12, maxiter = 10000)  # metafor's default stops at 1e-5 on tau2
agree <- function(ours, fit, tolerance = 1e-6) {  # iterative estimators: 1e-6
  theirs <- c(fit$beta, fit$ci.lb, fit$ci.ub, if (inherits(fit, "rma.mv")) sum(fit$sigma2) else fit$tau2)
  stopifnot(all(abs(ours - theirs) <= tolerance * pmax(1, abs(theirs))))
}
agree(c(0.0657699571606947, -3.04963469739709, 3.18117461171847, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0657699571606947, -1.81332088900526, 1.94486080332665, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.131116551327893, -0.980687760942592, 0.718454658286807, 0.663250882852525),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0435310422789862, -1.55761145209432, 1.6446735366523, 2.56716954072483),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-1.00089512035939, -1.14433099862653, -0.857459242092259, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0657699571606947, -3.04963469739709, 3.18117461171847, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0657699571606947, -1.81332088900526, 1.94486080332665, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.131116551327893, -0.980687760942592, 0.718454658286807, 0.663250882852525),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0435310422789862, -1.55761145209432, 1.6446735366523, 2.56716954072483),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-1.00089512035939, -1.14433099862653, -0.857459242092259, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0657699571606947, -3.04963469739709, 3.18117461171847, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0657699571606947, -1.81332088900526, 1.94486080332665, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.131116551327893, -0.980687760942592, 0.718454658286807, 0.663250882852525),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0435310422789862, -1.55761145209432, 1.6446735366523, 2.56716954072483),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-1.00089512035939, -1.14433099862653, -0.857459242092259, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0657699571606947, -3.04963469739709, 3.18117461171847, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0657699571606947, -1.81332088900526, 1.94486080332665, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.131116551327893, -0.980687760942592, 0.718454658286807, 0.663250882852525),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0435310422789862, -1.55761145209432, 1.6446735366523, 2.56716954072483),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-1.00089512035939, -1.14433099862653, -0.857459242092259, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0657699571606947, -3.04963469739709, 3.18117461171847, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0657699571606947, -1.81332088900526, 1.94486080332665, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.131116551327893, -0.980687760942592, 0.718454658286807, 0.663250882852525),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0435310422789862, -1.55761145209432, 1.6446735366523, 2.56716954072483),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-1.00089512035939, -1.14433099862653, -0.857459242092259, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0657699571606947, -3.04963469739709, 3.18117461171847, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0657699571606947, -1.81332088900526, 1.94486080332665, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.131116551327893, -0.980687760942592, 0.718454658286807, 0.663250882852525),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0435310422789862, -1.55761145209432, 1.6446735366523, 2.56716954072483),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-1.00089512035939, -1.14433099862653, -0.857459242092259, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0657699571606947, -3.04963469739709, 3.18117461171847, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0657699571606947, -1.81332088900526, 1.94486080332665, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.131116551327893, -0.980687760942592, 0.718454658286807, 0.663250882852525),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0435310422789862, -1.55761145209432, 1.6446735366523, 2.56716954072483),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-1.00089512035939, -1.14433099862653, -0.857459242092259, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0657699571606947, -3.04963469739709, 3.18117461171847, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0657699571606947, -1.81332088900526, 1.94486080332665, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.131116551327893, -0.980687760942592, 0.718454658286807, 0.663250882852525),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0435310422789862, -1.55761145209432, 1.6446735366523, 2.56716954072483),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-1.00089512035939, -1.14433099862653, -0.857459242092259, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0657699571606947, -3.04963469739709, 3.18117461171847, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0657699571606947, -1.81332088900526, 1.94486080332665, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.131116551327893, -0.980687760942592, 0.718454658286807, 0.663250882852525),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0435310422789862, -1.55761145209432, 1.6446735366523, 2.56716954072483),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-1.00089512035939, -1.14433099862653, -0.857459242092259, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0657699571606947, -3.04963469739709, 3.18117461171847, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0657699571606947, -1.81332088900526, 1.94486080332665, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.131116551327893, -0.980687760942592, 0.718454658286807, 0.663250882852525),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0435310422789862, -1.55761145209432, 1.6446735366523, 2.56716954072483),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-1.00089512035939, -1.14433099862653, -0.857459242092259, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0657699571606947, -3.04963469739709, 3.18117461171847, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0657699571606947, -1.81332088900526, 1.94486080332665, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.131116551327893, -0.980687760942592, 0.718454658286807, 0.663250882852525),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0435310422789862, -1.55761145209432, 1.6446735366523, 2.56716954072483),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-1.00089512035939, -1.14433099862653, -0.857459242092259, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0657699571606947, -3.04963469739709, 3.18117461171847, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0657699571606947, -1.81332088900526, 1.94486080332665, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.131116551327893, -0.980687760942592, 0.718454658286807, 0.663250882852525),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0435310422789862, -1.55761145209432, 1.6446735366523, 2.56716954072483),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-1.00089512035939, -1.14433099862653, -0.857459242092259, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0657699571606947, -3.04963469739709, 3.18117461171847, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0657699571606947, -1.81332088900526, 1.94486080332665, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.131116551327893, -0.980687760942592, 0.718454658286807, 0.663250882852525),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0435310422789862, -1.55761145209432, 1.6446735366523, 2.56716954072483),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-1.00089512035939, -1.14433099862653, -0.857459242092259, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0657699571606947, -3.04963469739709, 3.18117461171847, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0657699571606947, -1.81332088900526, 1.94486080332665, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.131116551327893, -0.980687760942592, 0.718454658286807, 0.663250882852525),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0435310422789862, -1.55761145209432, 1.6446735366523, 2.56716954072483),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-1.00089512035939, -1.14433099862653, -0.857459242092259, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0657699571606947, -3.04963469739709, 3.18117461171847, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0657699571606947, -1.81332088900526, 1.94486080332665, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.131116551327893, -0.980687760942592, 0.718454658286807, 0.663250882852525),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0435310422789862, -1.55761145209432, 1.6446735366523, 2.56716954072483),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-1.00089512035939, -1.14433099862653, -0.857459242092259, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0657699571606947, -3.04963469739709, 3.18117461171847, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0657699571606947, -1.81332088900526, 1.94486080332665, 3.57263510798133),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(-0.131116551327893, -0.980687760942592, 0.718454658286807, 0.663250882852525),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0435310422789862, -1.55761145209432, 1.6446735366523, 2.56716954072483),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-1.00089512035939, -1.14433099862653, -0.857459242092259, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
cat("treatment_entry_single_arm: 80 pooled results agree with metafor.\n")
