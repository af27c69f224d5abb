# Pools twelve_step_attendance_rct again with metafor and stops if a number differs. Run it in this folder: Rscript reproduce.R
suppressPackageStartupMessages(library(metafor))
effects <- read.csv("effects.csv")
control <- list(threshold = 1e-12, maxiter = 10000)  # metafor's default stops at 1e-5 on tau2
agree <- function(ours, fit, tolerance = 1e-6) {  # iterative estimators: 1e-6
  theirs <- c(fit$beta, fit$ci.lb, fit$ci.ub, if (inherits(fit, "rma.mv")) sum(fit$sigma2) else fit$tau2)
  stopifnot(all(abs(ours - theirs) <= tolerance * pmax(1, abs(theirs))))
}
agree(c(0.676991679777419, -5.20563827178178, 6.55962163133662, 0.313535231404069),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.676991679777419, -0.230418760934853, 1.58440212048969, 0.313535231404069),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.676991679777419, -0.230418760934852, 1.58440212048969, 0.313535231404068),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.409887181551365, 0.10424997611475, 0.715524386987979, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.409887181551365, 0.10424997611475, 0.715524386987979, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.676991679777419, -5.20563827178178, 6.55962163133662, 0.313535231404069),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.676991679777419, -0.230418760934853, 1.58440212048969, 0.313535231404069),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.676991679777419, -0.230418760934852, 1.58440212048969, 0.313535231404068),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.409887181551365, 0.10424997611475, 0.715524386987979, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.409887181551365, 0.10424997611475, 0.715524386987979, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.676991679777419, -5.20563827178178, 6.55962163133662, 0.313535231404069),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.676991679777419, -0.230418760934853, 1.58440212048969, 0.313535231404069),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.676991679777419, -0.230418760934852, 1.58440212048969, 0.313535231404068),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.409887181551365, 0.10424997611475, 0.715524386987979, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.409887181551365, 0.10424997611475, 0.715524386987979, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(0.676991679777419, -5.20563827178178, 6.55962163133662, 0.313535231404069),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(0.676991679777419, -0.230418760934853, 1.58440212048969, 0.313535231404069),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(0.676991679777419, -0.230418760934852, 1.58440212048969, 0.313535231404068),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.409887181551365, 0.10424997611475, 0.715524386987979, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.409887181551365, 0.10424997611475, 0.715524386987979, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "as_reported" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(1.95366668790339, -4.84218715425477, 8.74952053006154, 5.06070675840878),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(1.95366668790339, -0.839437520701834, 4.74677089650861, 5.06070675840878),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(1.34941908503933, -0.166058231796655, 2.86489640187532, 1.20897111875479),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.901627296753309, 0.0432769151275645, 1.75997767837905, 0.287462364993328),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.442653215754642, 0.137898976264676, 0.747407455244608, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(1.96861991994156, -4.72386798941193, 8.66110782929505, 4.81149652088537),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(1.96861991994156, -0.766507407725372, 4.70374724760849, 4.81149652088537),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(1.38082382789655, -0.114567942789611, 2.87621559858271, 1.1541863088893),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.848637028216909, 0.144556749334182, 1.55271730709964, 0.141646327001816),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.613473387881975, 0.194637734509683, 1.03230904125427, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(1.95366668790339, -4.84218715425477, 8.74952053006154, 5.06070675840878),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(1.95366668790339, -0.839437520701834, 4.74677089650861, 5.06070675840878),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(1.34941908503933, -0.166058231796655, 2.86489640187532, 1.20897111875479),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.901627296753309, 0.0432769151275645, 1.75997767837905, 0.287462364993328),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.442653215754642, 0.137898976264676, 0.747407455244608, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(1.93334251129413, -4.79321345378236, 8.65989847637061, 4.9150448230207),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(1.93334251129413, -0.824382180942915, 4.69106720353117, 4.9150448230207),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(1.33969739758947, -0.167906826532935, 2.84730162171187, 1.19368780916282),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.8895357314451, 0.0445951479663627, 1.73447631492384, 0.275454940932434),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.442384709039878, 0.137628967692327, 0.747140450387428, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "equal_allocation" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(1.95366668790339, -4.84218715425477, 8.74952053006154, 5.06070675840878),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(1.95366668790339, -0.839437520701834, 4.74677089650861, 5.06070675840878),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(1.34941908503933, -0.166058231796655, 2.86489640187532, 1.20897111875479),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.901627296753309, 0.0432769151275645, 1.75997767837905, 0.287462364993328),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.442653215754642, 0.137898976264676, 0.747407455244608, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(1.96861991994156, -4.72386798941193, 8.66110782929505, 4.81149652088537),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(1.96861991994156, -0.766507407725372, 4.70374724760849, 4.81149652088537),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(1.38082382789655, -0.114567942789611, 2.87621559858271, 1.1541863088893),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.848637028216909, 0.144556749334182, 1.55271730709964, 0.141646327001816),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.613473387881975, 0.194637734509683, 1.03230904125427, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(1.95366668790339, -4.84218715425477, 8.74952053006154, 5.06070675840878),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(1.95366668790339, -0.839437520701834, 4.74677089650861, 5.06070675840878),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(1.34941908503933, -0.166058231796655, 2.86489640187532, 1.20897111875479),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.901627296753309, 0.0432769151275645, 1.75997767837905, 0.287462364993328),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.442653215754642, 0.137898976264676, 0.747407455244608, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(1.93334251129413, -4.79321345378236, 8.65989847637061, 4.9150448230207),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(1.93334251129413, -0.824382180942915, 4.69106720353117, 4.9150448230207),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(1.33969739758947, -0.167906826532935, 2.84730162171187, 1.19368780916282),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.8895357314451, 0.0445951479663627, 1.73447631492384, 0.275454940932434),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.442384709039878, 0.137628967692327, 0.747140450387428, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "p_as_value" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(1.95366668790339, -4.84218715425477, 8.74952053006154, 5.06070675840878),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(1.95366668790339, -0.839437520701834, 4.74677089650861, 5.06070675840878),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(1.34941908503933, -0.166058231796655, 2.86489640187532, 1.20897111875479),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.901627296753309, 0.0432769151275645, 1.75997767837905, 0.287462364993328),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.442653215754642, 0.137898976264676, 0.747407455244608, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "preferred"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(1.96861991994156, -4.72386798941193, 8.66110782929505, 4.81149652088537),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(1.96861991994156, -0.766507407725372, 4.70374724760849, 4.81149652088537),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(1.38082382789655, -0.114567942789611, 2.87621559858271, 1.1541863088893),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.848637028216909, 0.144556749334182, 1.55271730709964, 0.141646327001816),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.613473387881975, 0.194637734509683, 1.03230904125427, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "cautious"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(1.95366668790339, -4.84218715425477, 8.74952053006154, 5.06070675840878),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(1.95366668790339, -0.839437520701834, 4.74677089650861, 5.06070675840878),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(1.34941908503933, -0.166058231796655, 2.86489640187532, 1.20897111875479),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.901627296753309, 0.0432769151275645, 1.75997767837905, 0.287462364993328),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.442653215754642, 0.137898976264676, 0.747407455244608, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "best_case"),
      method = "EE", test = "z", level = 95, control = control))
agree(c(1.93334251129413, -4.79321345378236, 8.65989847637061, 4.9150448230207),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "REML", test = "adhoc", level = 95, control = control))
agree(c(1.93334251129413, -0.824382180942915, 4.69106720353117, 4.9150448230207),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "REML", test = "z", level = 95, control = control))
agree(c(1.33969739758947, -0.167906826532935, 2.84730162171187, 1.19368780916282),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "DL", test = "z", level = 95, control = control))
agree(c(0.8895357314451, 0.0445951479663627, 1.73447631492384, 0.275454940932434),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "ML", test = "z", level = 95, control = control))
agree(c(0.442384709039878, 0.137628967692327, 0.747140450387428, 0),
  rma(yi, vi, data = subset(effects, ladder_step == "converted" & reading == "worst_case"),
      method = "EE", test = "z", level = 95, control = control))
cat("twelve_step_attendance_rct: 80 pooled results agree with metafor.\n")
