# Pools engagement_with_peer_single_arm again with metafor and stops if a number differs. Run it in this folder: Rscript reproduce.R
suppressPackageStartupMessages(library(metafor))
effects <- read.csv("effects.csv")
control <- list(threshold = 1e-12, maxiter = 10000)  # metafor's default stops at 1e-5 on tau2
agree <- function(ours, fit, tolerance = 1e-6) {  # iterative estimators: 1e-6
  theirs <- c(fit$beta, fit$ci.lb, fit$ci.ub, if (inherits(fit, "rma.mv")) sum(fit$sigma2) else fit$tau2)
  stopifnot(all(abs(ours - theirs) <= tolerance * pmax(1, abs(theirs))))
}
agree(c(0.436323060990176, -4.25359341867116, 5.12623954065151, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.436323060990176, -1.70004907220132, 2.57269519418168, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.441308944397165, -1.90364489555042, 2.78626278434475, 4.198266510287),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.421983543098831, -1.32651643163108, 2.17048351782874, 2.29313027408164),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-0.765918871187103, -0.977703724718783, -0.554134017655423, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.436323060990176, -4.25359341867116, 5.12623954065151, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.436323060990176, -1.70004907220132, 2.57269519418168, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.441308944397165, -1.90364489555042, 2.78626278434475, 4.198266510287),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.421983543098831, -1.32651643163108, 2.17048351782874, 2.29313027408164),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-0.765918871187103, -0.977703724718783, -0.554134017655423, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.436323060990176, -4.25359341867116, 5.12623954065151, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.436323060990176, -1.70004907220132, 2.57269519418168, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.441308944397165, -1.90364489555042, 2.78626278434475, 4.198266510287),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.421983543098831, -1.32651643163108, 2.17048351782874, 2.29313027408164),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-0.765918871187103, -0.977703724718783, -0.554134017655423, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.436323060990176, -4.25359341867116, 5.12623954065151, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.436323060990176, -1.70004907220132, 2.57269519418168, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.441308944397165, -1.90364489555042, 2.78626278434475, 4.198266510287),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.421983543098831, -1.32651643163108, 2.17048351782874, 2.29313027408164),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-0.765918871187103, -0.977703724718783, -0.554134017655423, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.436323060990176, -4.25359341867116, 5.12623954065151, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.436323060990176, -1.70004907220132, 2.57269519418168, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.441308944397165, -1.90364489555042, 2.78626278434475, 4.198266510287),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.421983543098831, -1.32651643163108, 2.17048351782874, 2.29313027408164),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-0.765918871187103, -0.977703724718783, -0.554134017655423, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.436323060990176, -4.25359341867116, 5.12623954065151, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.436323060990176, -1.70004907220132, 2.57269519418168, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.441308944397165, -1.90364489555042, 2.78626278434475, 4.198266510287),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.421983543098831, -1.32651643163108, 2.17048351782874, 2.29313027408164),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-0.765918871187103, -0.977703724718783, -0.554134017655423, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.436323060990176, -4.25359341867116, 5.12623954065151, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.436323060990176, -1.70004907220132, 2.57269519418168, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.441308944397165, -1.90364489555042, 2.78626278434475, 4.198266510287),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.421983543098831, -1.32651643163108, 2.17048351782874, 2.29313027408164),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-0.765918871187103, -0.977703724718783, -0.554134017655423, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.436323060990176, -4.25359341867116, 5.12623954065151, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.436323060990176, -1.70004907220132, 2.57269519418168, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.441308944397165, -1.90364489555042, 2.78626278434475, 4.198266510287),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.421983543098831, -1.32651643163108, 2.17048351782874, 2.29313027408164),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-0.765918871187103, -0.977703724718783, -0.554134017655423, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.436323060990176, -4.25359341867116, 5.12623954065151, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.436323060990176, -1.70004907220132, 2.57269519418168, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.441308944397165, -1.90364489555042, 2.78626278434475, 4.198266510287),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.421983543098831, -1.32651643163108, 2.17048351782874, 2.29313027408164),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-0.765918871187103, -0.977703724718783, -0.554134017655423, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.436323060990176, -4.25359341867116, 5.12623954065151, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.436323060990176, -1.70004907220132, 2.57269519418168, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.441308944397165, -1.90364489555042, 2.78626278434475, 4.198266510287),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.421983543098831, -1.32651643163108, 2.17048351782874, 2.29313027408164),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-0.765918871187103, -0.977703724718783, -0.554134017655423, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.436323060990176, -4.25359341867116, 5.12623954065151, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.436323060990176, -1.70004907220132, 2.57269519418168, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.441308944397165, -1.90364489555042, 2.78626278434475, 4.198266510287),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.421983543098831, -1.32651643163108, 2.17048351782874, 2.29313027408164),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-0.765918871187103, -0.977703724718783, -0.554134017655423, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.436323060990176, -4.25359341867116, 5.12623954065151, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.436323060990176, -1.70004907220132, 2.57269519418168, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.441308944397165, -1.90364489555042, 2.78626278434475, 4.198266510287),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.421983543098831, -1.32651643163108, 2.17048351782874, 2.29313027408164),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-0.765918871187103, -0.977703724718783, -0.554134017655423, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.436323060990176, -4.25359341867116, 5.12623954065151, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.436323060990176, -1.70004907220132, 2.57269519418168, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.441308944397165, -1.90364489555042, 2.78626278434475, 4.198266510287),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.421983543098831, -1.32651643163108, 2.17048351782874, 2.29313027408164),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-0.765918871187103, -0.977703724718783, -0.554134017655423, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.436323060990176, -4.25359341867116, 5.12623954065151, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.436323060990176, -1.70004907220132, 2.57269519418168, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.441308944397165, -1.90364489555042, 2.78626278434475, 4.198266510287),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.421983543098831, -1.32651643163108, 2.17048351782874, 2.29313027408164),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-0.765918871187103, -0.977703724718783, -0.554134017655423, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.436323060990176, -4.25359341867116, 5.12623954065151, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.436323060990176, -1.70004907220132, 2.57269519418168, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.441308944397165, -1.90364489555042, 2.78626278434475, 4.198266510287),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.421983543098831, -1.32651643163108, 2.17048351782874, 2.29313027408164),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-0.765918871187103, -0.977703724718783, -0.554134017655423, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.436323060990176, -4.25359341867116, 5.12623954065151, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.436323060990176, -1.70004907220132, 2.57269519418168, 3.46870734896518),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.441308944397165, -1.90364489555042, 2.78626278434475, 4.198266510287),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.421983543098831, -1.32651643163108, 2.17048351782874, 2.29313027408164),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(-0.765918871187103, -0.977703724718783, -0.554134017655423, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
cat("engagement_with_peer_single_arm: 80 pooled results agree with metafor.\n")
