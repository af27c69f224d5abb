# Pools retention_single_arm again with metafor and stops if a number differs. Run it in this folder: Rscript reproduce.R
suppressPackageStartupMessages(library(metafor))
effects <- read.csv("effects.csv")
control <- list(threshold = 1e-12, maxiter = 10000)  # metafor's default stops at 1e-5 on tau2
agree <- function(ours, fit, tolerance = 1e-6) {  # iterative estimators: 1e-6
  theirs <- c(fit$beta, fit$ci.lb, fit$ci.ub, if (inherits(fit, "rma.mv")) sum(fit$sigma2) else fit$tau2)
  stopifnot(all(abs(ours - theirs) <= tolerance * pmax(1, abs(theirs))))
}
agree(c(0.583806220263891, -3.26056288585624, 4.42817532638403, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415653, 1.17680980770194, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415676, 1.17680980770194, 0.0929422251831548),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -3.26056288585624, 4.42817532638403, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415653, 1.17680980770194, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415676, 1.17680980770194, 0.0929422251831548),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -3.26056288585624, 4.42817532638403, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415653, 1.17680980770194, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415676, 1.17680980770194, 0.0929422251831548),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -3.26056288585624, 4.42817532638403, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415653, 1.17680980770194, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415676, 1.17680980770194, 0.0929422251831548),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -3.26056288585624, 4.42817532638403, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415653, 1.17680980770194, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415676, 1.17680980770194, 0.0929422251831548),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -3.26056288585624, 4.42817532638403, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415653, 1.17680980770194, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415676, 1.17680980770194, 0.0929422251831548),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -3.26056288585624, 4.42817532638403, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415653, 1.17680980770194, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415676, 1.17680980770194, 0.0929422251831548),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -3.26056288585624, 4.42817532638403, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415653, 1.17680980770194, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415676, 1.17680980770194, 0.0929422251831548),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -3.26056288585624, 4.42817532638403, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415653, 1.17680980770194, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415676, 1.17680980770194, 0.0929422251831548),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -3.26056288585624, 4.42817532638403, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415653, 1.17680980770194, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415676, 1.17680980770194, 0.0929422251831548),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -3.26056288585624, 4.42817532638403, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415653, 1.17680980770194, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415676, 1.17680980770194, 0.0929422251831548),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -3.26056288585624, 4.42817532638403, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415653, 1.17680980770194, 0.0929422251831547),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.583806220263891, -0.00919736717415676, 1.17680980770194, 0.0929422251831548),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.625446320552791, 0.217495273291267, 1.03339736781431, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
cat("retention_single_arm: 60 pooled results agree with metafor.\n")
