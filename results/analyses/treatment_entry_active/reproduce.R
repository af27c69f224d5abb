# Pools treatment_entry_active again with metafor and stops if a number differs. Run it in this folder: Rscript reproduce.R
suppressPackageStartupMessages(library(metafor))
effects <- read.csv("effects.csv")
control <- list(threshold = 1e-12, maxiter = 10000)  # metafor's default stops at 1e-5 on tau2
agree <- function(ours, fit, tolerance = 1e-6) {  # iterative estimators: 1e-6
  theirs <- c(fit$beta, fit$ci.lb, fit$ci.ub, if (inherits(fit, "rma.mv")) sum(fit$sigma2) else fit$tau2)
  stopifnot(all(abs(ours - theirs) <= tolerance * pmax(1, abs(theirs))))
}
agree(c(0.0640906793348694, -2.09755751988881, 2.22573887855855, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -2.09755751988881, 2.22573887855855, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0930403921237369, -2.06872850484089, 2.25480928908837, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0930403921237369, -0.240417888214435, 0.426498672461909, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.0930403921237369, -0.240417888214435, 0.426498672461909, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0930403921237369, -0.240417888214435, 0.426498672461909, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0930403921237369, -0.240417888214435, 0.426498672461909, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0317247354921907, -2.13852490200064, 2.20197437298503, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0317247354921907, -0.303041720366732, 0.366491191351114, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.0317247354921907, -0.303041720366732, 0.366491191351114, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0317247354921907, -0.303041720366732, 0.366491191351114, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0317247354921907, -0.303041720366732, 0.366491191351114, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -2.09755751988881, 2.22573887855855, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -2.09755751988881, 2.22573887855855, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0930403921237369, -2.06872850484089, 2.25480928908837, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0930403921237369, -0.240417888214435, 0.426498672461909, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.0930403921237369, -0.240417888214435, 0.426498672461909, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0930403921237369, -0.240417888214435, 0.426498672461909, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0930403921237369, -0.240417888214435, 0.426498672461909, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0317247354921907, -2.13852490200064, 2.20197437298503, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0317247354921907, -0.303041720366732, 0.366491191351114, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.0317247354921907, -0.303041720366732, 0.366491191351114, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0317247354921907, -0.303041720366732, 0.366491191351114, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0317247354921907, -0.303041720366732, 0.366491191351114, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -2.09755751988881, 2.22573887855855, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -2.09755751988881, 2.22573887855855, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0640906793348694, -0.269348983073701, 0.39753034174344, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0930403921237369, -2.06872850484089, 2.25480928908837, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0930403921237369, -0.240417888214435, 0.426498672461909, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.0930403921237369, -0.240417888214435, 0.426498672461909, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0930403921237369, -0.240417888214435, 0.426498672461909, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0930403921237369, -0.240417888214435, 0.426498672461909, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.0317247354921907, -2.13852490200064, 2.20197437298503, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.0317247354921907, -0.303041720366732, 0.366491191351114, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.0317247354921907, -0.303041720366732, 0.366491191351114, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.0317247354921907, -0.303041720366732, 0.366491191351114, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.0317247354921907, -0.303041720366732, 0.366491191351114, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
cat("treatment_entry_active: 60 pooled results agree with metafor.\n")
