# R's side of docs/presets.md: the same data drawn by metafor to the conventions of four presets, and its numbers.
#
#   Rscript docs/presets/presets.R            writes pictures and numbers.csv beside this script
#   Rscript docs/presets/presets.R <folder>   writes them elsewhere
#
# Made with R 4.2.2 and metafor 3.8-1. The data are what the examples have typed, nothing else.
suppressPackageStartupMessages(library(metafor))

folder <- c(commandArgs(trailingOnly = TRUE), "docs/presets")[1]
tight <- list(threshold = 1e-12, maxiter = 1000)  # closer to the top of the likelihood than is ever printed
numbers <- NULL

counts <- function(example) {
  files <- sort(list.files(file.path("examples", example, "data/extraction"), full.names = TRUE))
  rows <- do.call(rbind, lapply(files, function(file) {
    cbind(study_id = sub("[.]csv$", "", basename(file)),
          read.csv(file)[c("events_arm1", "n_arm1", "events_arm2", "n_arm2")])
  }))
  names(rows)[-1] <- c("ai", "n1i", "ci", "n2i")
  merge(rows, read.csv(file.path("examples", example, "data/studies.csv")), by = "study_id")
}

pool <- function(effects, method, test) {
  rma(yi, vi, data = effects, slab = effects$label, method = method, test = test,
      control = if (method == "DL") list() else tight)
}

keep <- function(preset, row, values) {
  numbers <<- rbind(numbers, data.frame(preset, row, quantity = names(values), value = unname(values)))
}

ratio <- function(fit) c(estimate = exp(c(fit$b)), ci_lb = exp(fit$ci.lb), ci_ub = exp(fit$ci.ub))

keep_pool <- function(preset, fit, effects) {
  sides <- exp(outer(sqrt(effects$vi), c(0, -1, 1) * qnorm(0.975)) + effects$yi)
  cells <- effects[c("ai", "n1i", "ci", "n2i")]
  for (i in seq_len(nrow(effects))) {
    keep(preset, effects$study_id[i], c(
      unlist(cells[i, ]), weight_percent = unname(weights(fit)[i]),
      estimate = sides[i, 1], ci_lb = sides[i, 2], ci_ub = sides[i, 3]))
  }
  keep(preset, "total", c(colSums(cells), weight_percent = 100, ratio(fit)))
  keep(preset, "test", c(
    tau2 = fit$tau2, q = fit$QE, df = fit$k - 1, q_pval = fit$QEp, i2_percent = fit$I2,
    statistic = unname(fit$zval), pval = unname(fit$pval)))
  if (fit$k > 2) {
    # t with k - 1 degrees of freedom, as examples/bcg has it: Higgins, Thompson and Spiegelhalter (2009) in the
    # form of the Cochrane Handbook since 2022.
    reach <- qt(0.975, fit$k - 1) * sqrt(fit$tau2 + fit$se^2)
    keep(preset, "prediction", c(ci_lb = exp(c(fit$b) - reach), ci_ub = exp(c(fit$b) + reach)))
  }
}

# Words -------------------------------------------------------------------------------------------------------------

places <- function(value, digits = 2) formatC(value, format = "f", digits = digits)
between <- function(low, high, open, separator, close) paste0(open, places(low), separator, places(high), close)
pvalue <- function(p, digits = 2, zero = TRUE) {
  words <- if (p < 10^-digits) paste0("< ", places(10^-digits, digits)) else paste0("= ", places(p, digits))
  if (zero) words else sub("0[.]", ".", words)
}
# JAMA: two places, three between .001 and .01, no zero before the point.
pvalue_jama <- function(p) if (p < 0.01) pvalue(p, 3, zero = FALSE) else pvalue(p, 2, zero = FALSE)

# Drawing -----------------------------------------------------------------------------------------------------------
# Places across are shares of the width, from 0 to 1; rows are numbered from the total, which is row 0.

open_picture <- function(name, above, below, axis, within) {
  png(file.path(folder, paste0(name, ".png")), width = 8.6, height = 0.2 * (above + below), units = "in", res = 110,
      type = "cairo", antialias = "gray")
  par(mai = c(0.2 * (below - 1), 0, 0, 0), mgp = c(3, 0.1, 0), tcl = -0.2, xpd = NA, cex = 1)
  unit <- diff(range(log(axis))) / diff(within)
  log(axis[1]) - within[1] * unit + c(0, unit)
}

column <- function(x, rows, words, font = 1, adj = 1, cex = 0.7) {
  across <- par("usr")[1] + x * diff(par("usr")[1:2])
  # text() takes one alignment for all its words.
  for (side in unique(adj)) {
    these <- if (length(adj) == 1) TRUE else adj == side
    text(across[these], rows, words[these], adj = c(side, 0.5), font = font, cex = cex, col = "black")
  }
}

line <- function(row, words, font = 1) column(0.01, row, words, font, 0)

plot_effects <- function(fit, xlim, axis, above, col) {
  forest(fit, atransf = exp, at = log(axis), xlim = xlim, ylim = c(-1, above - 0.5), rows = fit$k:1, annotate = FALSE,
         slab = rep("", fit$k), xlab = "", refline = NA, addfit = FALSE, top = 0, cex = 0.7, pch = 15, colout = col,
         lty = c(1, 1, 0), efac = c(0, 1, 1), plim = c(0.6, 1.8))
  segments(0, -1, 0, fit$k + 0.6, lwd = 0.8)
}

diamonds <- function(fits, rows, col, border) {
  of <- function(name) sapply(fits, function(fit) c(fit[[name]]))
  addpoly(of("b"), ci.lb = of("ci.lb"), ci.ub = of("ci.ub"), rows = rows, annotate = FALSE, mlab = "", col = col,
          border = border, efac = 1.6)
}

intervals <- function(d, fit, open, separator, close) {
  s <- exp(outer(sqrt(d$vi), c(0, -1, 1) * qnorm(0.975)) + d$yi)
  all <- rbind(s, ratio(fit))
  paste(places(all[, 1]), between(all[, 2], all[, 3], open, separator, close))
}

joined <- function(events, people) c(paste0(events, "/", people), paste0(sum(events), "/", sum(people)))

revman5 <- function() {
  d <- escalc("RR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = counts("caffeine"))
  fit <- pool(d, "DL", "z")
  keep_pool("revman5", fit, d)
  k <- nrow(d); rows <- c(k:1, 0); font <- rep(1:2, c(k, 1)); axis <- c(0.1, 1, 10)
  xlim <- open_picture("revman5", k + 3, 13, axis, c(0.59, 0.8))
  plot_effects(fit, xlim, axis, k + 3, "#0000cc")
  diamonds(list(fit), 0, "black", "black")
  x <- c(0.195, 0.25, 0.315, 0.37, 0.44)
  line(c(rows, k + 1), c(d$label, "Total (95% CI)", "Study or Subgroup"), c(font, 2))
  for (j in 1:4) column(x[j], k:1, d[[c("ai", "n1i", "ci", "n2i")[j]]])
  column(x[c(2, 4)], 0, c(sum(d$n1i), sum(d$n2i)), 2)
  column(x[5], rows, paste0(places(c(weights(fit), 100), 1), "%"), font)
  column(0.575, rows, intervals(d, fit, "[", ", ", "]"), font)
  column(x, k + 1, c("Events", "Total", "Events", "Total", "Weight"), 2)
  column(c(0.21, 0.33, 0.51, 0.695), k + 2, c("Caffeine", "Decaf", "Risk Ratio", "Risk Ratio"), 2, 0.5)
  column(c(0.575, 0.76), k + 1, "IV, Random, 95% CI", 2)
  line(-1, "Total events"); column(x[c(1, 3)], -1, c(sum(d$ai), sum(d$ci)))
  line(-2, bquote(paste("Heterogeneity: ", Tau^2, " = ", .(places(fit$tau2)), "; ", Chi^2, " = ", .(places(fit$QE)),
    ", df = ", .(fit$k - 1), " (P ", .(pvalue(fit$QEp)), "); ", I^2, " = ", .(places(fit$I2, 0)), "%")))
  line(-3, paste0("Test for overall effect: Z = ", places(fit$zval), " (P ", pvalue(fit$pval), ")"))
  column(c(0.59, 0.8), -3, c("Favours caffeine", "Favours decaf"), 1, c(0.2, 0.8), 0.62)
  risk_of_bias(d, k)
  invisible(dev.off())
}

risk_of_bias <- function(d, k) {
  judged <- read.csv("examples/caffeine/data/risk_of_bias.csv")
  judged <- judged[match(d$study_id, judged$Study), ]
  domains <- c("Random sequence generation", "Allocation concealment", "Blinding of participants and personnel",
               "Incomplete outcome data", "Selective reporting", "Other bias", "Overall")
  colours <- c(Low = "#00cc00", Unclear = "#eeee00", High = "#cc0000")
  signs <- c(Low = "+", Unclear = "?", High = "-")
  x <- seq(0.835, 0.985, length.out = 7)
  for (j in 1:7) {
    level <- judged[[j + 1]]
    points(par("usr")[1] + rep(x[j], k) * diff(par("usr")[1:2]), k:1, pch = 19, col = colours[level], cex = 1.5)
    column(x[j], k:1, signs[level], 2, 0.5, 0.6)
  }
  column(x, k + 1, LETTERS[1:7], 2, 0.5)
  column(mean(x), k + 2, "Risk of Bias", 2, 0.5)
  column(0.01, -5, "Risk of bias legend", 2, 0)
  line(-5 - 1:7, paste0("(", LETTERS[1:7], ") ", domains))
}

bcg <- function() escalc("RR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = counts("bcg"))

jama <- function() {
  d <- bcg(); fit <- pool(d, "REML", "knha")
  keep_pool("jama", fit, d)
  k <- nrow(d); rows <- c(k:1, 0); font <- rep(1:2, c(k, 1)); axis <- c(0.1, 0.2, 0.5, 1, 2, 5)
  xlim <- open_picture("jama", k + 3, 4, axis, c(0.62, 0.9))
  plot_effects(fit, xlim, axis, k + 3, "darkblue")
  diamonds(list(fit), 0, "lightblue", "darkblue")
  line(c(rows, k + 1), c(d$label, "Total (95% CI)", "Source"), c(font, 2))
  column(0.32, rows, joined(d$ai, d$n1i), font)
  column(0.44, rows, joined(d$ci, d$n2i), font)
  column(0.58, rows, intervals(d, fit, "(", "-", ")"), font)
  column(0.99, rows, places(c(weights(fit), 100), 1), font)
  column(c(0.32, 0.44, 0.58, 0.99), k + 1, c("No./Total", "No./Total", "RR (95% CI)", "Weight, %"), 2)
  column(c(0.32, 0.44), k + 2, c("BCG vaccine", "No vaccine"), 2)
  column(c(0.775, 0.79), k + 1, c("Favors BCG vaccine", "Favors no vaccine"), 2, c(1, 0), 0.6)
  line(-1, bquote(paste("Heterogeneity: ", chi[.(fit$k - 1)]^2, " = ", .(places(fit$QE)), " (P ",
    .(pvalue_jama(fit$QEp)), "), ", I^2, " = ", .(places(fit$I2, 0)), "%")))
  line(-2, bquote(paste("Test for overall effect: ", t[.(fit$k - 1)], " = ", .(places(fit$zval)), " (P ",
    .(pvalue_jama(fit$pval)), ")")))
  column(0.76, -3, "RR (95% CI)", 1, 0.5)
  invisible(dev.off())
}

bmj <- function() {
  d <- bcg(); fit <- pool(d, "REML", "knha")
  keep_pool("bmj", fit, d)
  k <- nrow(d); rows <- c(k:1, 0); font <- rep(1:2, c(k, 1)); axis <- c(0.1, 0.2, 0.5, 1, 2, 5)
  xlim <- open_picture("bmj", k + 4, 4, axis, c(0.45, 0.75))
  par(fg = "#a7a9ac")
  plot_effects(fit, xlim, axis, k + 4, "#6b58a6")
  diamonds(list(fit), 0, "#6b58a6", "white")
  line(c(rows, k + 1), c(d$label, "Total (95% CI)", "Study"), c(font, 2))
  column(0.32, rows, joined(d$ai, d$n1i), font)
  column(0.43, rows, joined(d$ci, d$n2i), font)
  column(0.82, rows, places(c(weights(fit), 100), 1), font)
  column(0.99, rows, intervals(d, fit, "(", " to ", ")"), font)
  column(0.34, k + 3, "No of events/total", 2, 0.5)
  x <- c(0.32, 0.43, 0.82, 0.99, 0.65)
  column(x, k + 2, c("BCG", "No", "Weight", "Risk ratio", "Risk ratio"), 2)
  column(x, k + 1, c("vaccine", "vaccine", "(%)", "(95% CI)", "(95% CI)"), 2)
  line(-1, bquote(paste("Test for heterogeneity: ", tau^2, " = ", .(places(fit$tau2)), "; ", chi^2, " = ",
    .(places(fit$QE)), ", df = ", .(fit$k - 1), ", P ", .(pvalue(fit$QEp, 3)), "; ", I^2, " = ",
    .(places(fit$I2, 0)), "%")))
  line(-2, paste0("Test for overall effect: t = ", places(fit$zval), ", df = ", fit$k - 1, ", P ", pvalue(fit$pval, 3)))
  column(c(0.45, 0.75), -3, c("Favours BCG vaccine", "Favours no vaccine"), 2, 0:1, 0.62)
  invisible(dev.off())
}

subgroup <- function() {
  d <- bcg(); d <- d[order(d$allocation, d$study_id), ]; levels <- unique(d$allocation)
  parts <- lapply(levels, function(level) d[d$allocation == level, ])
  fits <- lapply(parts, pool, "REML", "knha"); fit <- pool(d, "REML", "knha")
  keep_pool("subgroup", fit, d)
  # Borenstein et al. (2009), chapter 19: the subgroups' means as if each were one study, with the standard errors of
  # the model, 1 / sqrt(sum of weights), also where limits are Knapp and Hartung's.
  plain <- lapply(parts, pool, "REML", "z")
  apart <- rma(sapply(plain, function(one) c(one$b)), sei = sapply(plain, function(one) one$se), method = "EE")
  for (i in seq_along(levels)) {
    keep("subgroup", levels[i], c(k = fits[[i]]$k, ratio(fits[[i]]), tau2 = fits[[i]]$tau2, i2_percent = fits[[i]]$I2))
  }
  keep("subgroup", "between", c(q = apart$QE, df = apart$k - 1, q_pval = apart$QEp))
  # From the bottom: the total is row 0; each subgroup takes a head, its studies, its diamond and an empty row.
  size <- sapply(parts, nrow); head <- rev(cumsum(rev(size + 3))) + 0; subtotal <- head - size - 1
  rows <- unlist(lapply(seq_along(levels), function(i) head[i] - seq_len(size[i])))
  axis <- c(0.01, 0.1, 1, 10, 100); k <- head[1]
  xlim <- open_picture("subgroup", k + 3, 4, axis, c(0.5, 0.78))
  forest(fit, atransf = exp, at = log(axis), xlim = xlim, ylim = c(-1, k + 2.5), rows = rows, annotate = FALSE,
         slab = rep("", nrow(d)), xlab = "", refline = NA, addfit = FALSE, top = 0, cex = 0.7, pch = 15, colout = "gray40",
         lty = c(1, 1, 0), efac = c(0, 1, 1), plim = c(0.6, 1.8))
  segments(0, -1, 0, k + 0.6, lwd = 0.8)
  diamonds(c(fits, list(fit)), c(subtotal, 0), "gray", "black")
  column(0.01, c(head, k + 1), c(levels, "Study"), 2, 0)
  line(c(rows, subtotal, 0), c(d$label, paste0("Pooled (k = ", size, ")"), paste0("Pooled (k = ", nrow(d), ")")),
       rep(1:2, c(nrow(d), length(levels) + 1)))
  column(0.34, rows, paste0(d$ai, "/", d$n1i)); column(0.46, rows, paste0(d$ci, "/", d$n2i))
  words <- intervals(d, fit, "[", " to ", "]")
  column(0.93, c(rows, 0), words, rep(1:2, c(nrow(d), 1)))
  r <- sapply(fits, ratio)
  column(0.93, subtotal, paste(places(r[1, ]), between(r[2, ], r[3, ], "[", " to ", "]")), 2)
  column(0.99, rows, paste0(places(weights(fit), 1), "%"))
  column(c(0.34, 0.46, 0.93, 0.99), k + 1, c("events/n", "events/n", "[95% CI]", "Weight"), 2)
  column(c(0.34, 0.46, 0.93), k + 2, c("BCG vaccine", "no vaccine", "Risk ratio"), 2)
  line(-1.4, bquote(paste("Test for subgroup differences: ", chi^2, " = ", .(places(apart$QE)), ", df = ",
    .(apart$k - 1), " (p ", .(pvalue(apart$QEp)), ")")))
  invisible(dev.off())
}

revman5(); jama(); bmj(); subgroup()
numbers$value <- formatC(numbers$value, digits = 12, format = "g", width = 1)
write.csv(numbers, file.path(folder, "numbers.csv"), row.names = FALSE, quote = FALSE)
