-- limn/docs/references.lua: the literature behind limn's equations, as fields of BibTeX, and which equation of the page
-- "The mathematics of limn" rests on which of them. A reference has a DOI, an arXiv number or, where neither exists, a URL.

local references = {}

local list = {
  { "penrose1955", "article", "Penrose, R.", "A generalized inverse for matrices", 1955,
    "Mathematical Proceedings of the Cambridge Philosophical Society 51(3), 406-413", doi = "10.1017/S0305004100030401" },
  { "penrose1956", "article", "Penrose, R.", "On best approximate solutions of linear matrix equations", 1956,
    "Mathematical Proceedings of the Cambridge Philosophical Society 52(1), 17-19", doi = "10.1017/S0305004100030929" },
  { "hoerl1970", "article", "Hoerl, A. E. and Kennard, R. W.", "Ridge regression: biased estimation for nonorthogonal problems", 1970,
    "Technometrics 12(1), 55-67", doi = "10.1080/00401706.1970.10488634" },
  { "allen1974", "article", "Allen, D. M.",
    "The relationship between variable selection and data augmentation and a method for prediction", 1974,
    "Technometrics 16(1), 125-127", doi = "10.1080/00401706.1974.10489157" },
  { "golub1979", "article", "Golub, G. H. and Heath, M. and Wahba, G.",
    "Generalized cross-validation as a method for choosing a good ridge parameter", 1979,
    "Technometrics 21(2), 215-223", doi = "10.1080/00401706.1979.10489751" },
  { "gunasekar2018", "inproceedings", "Gunasekar, S. and Lee, J. and Soudry, D. and Srebro, N.",
    "Characterizing implicit bias in terms of optimization geometry", 2018,
    "International Conference on Machine Learning", arxiv = "1802.08246" },
  { "chen1998", "article", "Chen, S. S. and Donoho, D. L. and Saunders, M. A.", "Atomic decomposition by basis pursuit", 1998,
    "SIAM Journal on Scientific Computing 20(1), 33-61", doi = "10.1137/S1064827596304010" },
  { "tibshirani1996", "article", "Tibshirani, R.", "Regression shrinkage and selection via the lasso", 1996,
    "Journal of the Royal Statistical Society B 58(1), 267-288", doi = "10.1111/j.2517-6161.1996.tb02080.x" },
  { "hill1973", "article", "Hill, M. O.", "Diversity and evenness: a unifying notation and its consequences", 1973,
    "Ecology 54(2), 427-432", doi = "10.2307/1934352" },
  { "muirhead1982", "book", "Muirhead, R. J.", "Aspects of multivariate statistical theory", 1982, "Wiley",
    doi = "10.1002/9780470316559" },
  { "marsaglia2000", "article", "Marsaglia, G. and Tsang, W. W.", "A simple method for generating gamma variables", 2000,
    "ACM Transactions on Mathematical Software 26(3), 363-372", doi = "10.1145/358407.358414" },
  { "belkin2020", "article", "Belkin, M. and Hsu, D. and Xu, J.", "Two models of double descent for weak features", 2020,
    "SIAM Journal on Mathematics of Data Science 2(4), 1167-1180", doi = "10.1137/20M1336072", arxiv = "1903.07571" },
  { "hastie2022", "article", "Hastie, T. and Montanari, A. and Rosset, S. and Tibshirani, R. J.",
    "Surprises in high-dimensional ridgeless least squares interpolation", 2022, "Annals of Statistics 50(2), 949-986",
    doi = "10.1214/21-AOS2133", arxiv = "1903.08560" },
  { "solomonoff1964", "article", "Solomonoff, R. J.", "A formal theory of inductive inference, part I", 1964,
    "Information and Control 7(1), 1-22", doi = "10.1016/S0019-9958(64)90223-2" },
  { "kraft1949", "mastersthesis", "Kraft, L. G.", "A device for quantizing, grouping, and coding amplitude-modulated pulses", 1949,
    "Massachusetts Institute of Technology", url = "https://hdl.handle.net/1721.1/12390" },
  { "chaitin1975", "article", "Chaitin, G. J.", "A theory of program size formally identical to information theory", 1975,
    "Journal of the ACM 22(3), 329-340", doi = "10.1145/321892.321894" },
  { "lee2018", "inproceedings", "Lee, J. and Bahri, Y. and Novak, R. and Schoenholz, S. S. and Pennington, J. and Sohl-Dickstein, J.",
    "Deep neural networks as Gaussian processes", 2018, "International Conference on Learning Representations",
    arxiv = "1711.00165" },
  { "jacot2018", "inproceedings", "Jacot, A. and Gabriel, F. and Hongler, C.",
    "Neural tangent kernel: convergence and generalization in neural networks", 2018,
    "Advances in Neural Information Processing Systems 31", arxiv = "1806.07572" },
  { "lee2019", "inproceedings",
    "Lee, J. and Xiao, L. and Schoenholz, S. S. and Bahri, Y. and Novak, R. and Sohl-Dickstein, J. and Pennington, J.",
    "Wide neural networks of any depth evolve as linear models under gradient descent", 2019,
    "Advances in Neural Information Processing Systems 32", arxiv = "1902.06720" },
  { "cho2009", "inproceedings", "Cho, Y. and Saul, L. K.", "Kernel methods for deep learning", 2009,
    "Advances in Neural Information Processing Systems 22, 342-350",
    url = "https://papers.nips.cc/paper/3628-kernel-methods-for-deep-learning" },
  { "williams1998", "article", "Williams, C. K. I.", "Computation with infinite neural networks", 1998,
    "Neural Computation 10(5), 1203-1216", doi = "10.1162/089976698300017412" },
  { "tsuchida2021", "inproceedings", "Tsuchida, R. and Pearce, T. and van der Heide, C. and Roosta, F. and Gallagher, M.",
    "Avoiding kernel fixed points: computing with ELU and GELU infinite networks", 2021,
    "AAAI Conference on Artificial Intelligence", arxiv = "2002.08517" },
  { "mehler1866", "article", "Mehler, F. G.",
    "Ueber die Entwicklung einer Function von beliebig vielen Variabeln nach Laplaceschen Functionen h{\\\"o}herer Ordnung", 1866,
    "Journal f{\\\"u}r die reine und angewandte Mathematik 66, 161-176", doi = "10.1515/crll.1866.66.161" },
  { "andrews1974", "article", "Andrews, D. F. and Mallows, C. L.", "Scale mixtures of normal distributions", 1974,
    "Journal of the Royal Statistical Society B 36(1), 99-102", doi = "10.1111/j.2517-6161.1974.tb00989.x" },
  { "stefanski1991", "article", "Stefanski, L. A.", "A normal scale mixture representation of the logistic distribution", 1991,
    "Statistics & Probability Letters 11(1), 69-70", doi = "10.1016/0167-7152(91)90181-P" },
  { "rasmussen2006", "book", "Rasmussen, C. E. and Williams, C. K. I.", "Gaussian processes for machine learning", 2006, "MIT Press",
    doi = "10.7551/mitpress/3206.001.0001" },
  { "matthews2017", "inproceedings", "Matthews, A. G. de G. and Hron, J. and Turner, R. E. and Ghahramani, Z.",
    "Sample-then-optimize posterior sampling for Bayesian linear models", 2017,
    "NeurIPS Workshop on Advances in Approximate Bayesian Inference",
    url = "http://approximateinference.org/2017/accepted/MatthewsEtAl2017.pdf" },
  { "bordelon2020", "inproceedings", "Bordelon, B. and Canatar, A. and Pehlevan, C.",
    "Spectrum dependent learning curves in kernel regression and wide neural networks", 2020,
    "International Conference on Machine Learning", arxiv = "2002.02561" },
  { "simon2023", "article", "Simon, J. B. and Dickens, M. and Karkada, D. and DeWeese, M. R.",
    "The eigenlearning framework: a conservation law perspective on kernel ridge regression and wide neural networks", 2023,
    "Transactions on Machine Learning Research", arxiv = "2110.03922" },
  { "he2015", "inproceedings", "He, K. and Zhang, X. and Ren, S. and Sun, J.",
    "Delving deep into rectifiers: surpassing human-level performance on ImageNet classification", 2015,
    "IEEE International Conference on Computer Vision", doi = "10.1109/ICCV.2015.123", arxiv = "1502.01852" },
  { "lecun1998", "incollection", "LeCun, Y. and Bottou, L. and Orr, G. B. and M{\\\"u}ller, K.-R.", "Efficient BackProp", 1998,
    "Neural Networks: Tricks of the Trade, Springer", doi = "10.1007/3-540-49430-8_2" },
  { "glorot2010", "inproceedings", "Glorot, X. and Bengio, Y.",
    "Understanding the difficulty of training deep feedforward neural networks", 2010,
    "International Conference on Artificial Intelligence and Statistics",
    url = "https://proceedings.mlr.press/v9/glorot10a.html" },
  { "mezzadri2007", "article", "Mezzadri, F.", "How to generate random matrices from the classical compact groups", 2007,
    "Notices of the American Mathematical Society 54(5), 592-604", arxiv = "math-ph/0609050" },
  { "mei2018", "article", "Mei, S. and Montanari, A. and Nguyen, P.-M.",
    "A mean field view of the landscape of two-layer neural networks", 2018,
    "Proceedings of the National Academy of Sciences 115(33), E7665-E7671", doi = "10.1073/pnas.1806579115", arxiv = "1804.06561" },
  { "chizat2018", "inproceedings", "Chizat, L. and Bach, F.",
    "On the global convergence of gradient descent for over-parameterized models using optimal transport", 2018,
    "Advances in Neural Information Processing Systems 31", arxiv = "1805.09545" },
  { "yang2021", "inproceedings", "Yang, G. and Hu, E. J.",
    "Tensor programs IV: feature learning in infinite-width neural networks", 2021,
    "International Conference on Machine Learning", arxiv = "2011.14522" },
  { "yang2022", "article",
    "Yang, G. and Hu, E. J. and Babuschkin, I. and Sidor, S. and Liu, X. and Farhi, D. and Ryder, N. and Pachocki, J. and "
    .. "Chen, W. and Gao, J.",
    "Tensor programs V: tuning large neural networks via zero-shot hyperparameter transfer", 2022, "arXiv", arxiv = "2203.03466" },
  { "kingma2015", "inproceedings", "Kingma, D. P. and Ba, J.", "Adam: a method for stochastic optimization", 2015,
    "International Conference on Learning Representations", arxiv = "1412.6980" },
  { "valleperez2019", "inproceedings", "Valle-P{\\'e}rez, G. and Camargo, C. Q. and Louis, A. A.",
    "Deep learning generalizes because the parameter-function map is biased towards simple functions", 2019,
    "International Conference on Learning Representations", arxiv = "1805.08522" },
  { "lorensen1987", "inproceedings", "Lorensen, W. E. and Cline, H. E.",
    "Marching cubes: a high resolution 3D surface construction algorithm", 1987, "ACM SIGGRAPH", doi = "10.1145/37401.37422" },
  { "nielson1991", "inproceedings", "Nielson, G. M. and Hamann, B.",
    "The asymptotic decider: resolving the ambiguity in marching cubes", 1991, "IEEE Visualization, 83-91",
    doi = "10.1109/VISUAL.1991.175782" },
  { "lempel1976", "article", "Lempel, A. and Ziv, J.", "On the complexity of finite sequences", 1976,
    "IEEE Transactions on Information Theory 22(1), 75-81", doi = "10.1109/TIT.1976.1055501" },
  { "blumer1985", "article",
    "Blumer, A. and Blumer, J. and Haussler, D. and Ehrenfeucht, A. and Chen, M. T. and Seiferas, J.",
    "The smallest automaton recognizing the subwords of a text", 1985, "Theoretical Computer Science 40, 31-55",
    doi = "10.1016/0304-3975(85)90157-4" },
  { "zahl1977", "article", "Zahl, S.", "Jackknifing an index of diversity", 1977, "Ecology 58(4), 907-913", doi = "10.2307/1936227" },
  { "student1908", "article", "Student", "The probable error of a mean", 1908, "Biometrika 6(1), 1-25", doi = "10.1093/biomet/6.1.1" },
  { "welch1947", "article", "Welch, B. L.",
    "The generalization of Student's problem when several different population variances are involved", 1947,
    "Biometrika 34(1-2), 28-35", doi = "10.1093/biomet/34.1-2.28" },
  { "tukey1958", "article", "Tukey, J. W.", "Bias and confidence in not quite large samples (abstract)", 1958,
    "Annals of Mathematical Statistics 29(2), 614", doi = "10.1214/aoms/1177706647" },
  { "efron1979", "article", "Efron, B.", "Bootstrap methods: another look at the jackknife", 1979, "Annals of Statistics 7(1), 1-26",
    doi = "10.1214/aos/1176344552" },
  { "efron1981", "article", "Efron, B.", "Nonparametric standard errors and confidence intervals", 1981,
    "Canadian Journal of Statistics 9(2), 139-158", doi = "10.2307/3314608" },
  { "wilson1927", "article", "Wilson, E. B.", "Probable inference, the law of succession, and statistical inference", 1927,
    "Journal of the American Statistical Association 22(158), 209-212", doi = "10.1080/01621459.1927.10502953" },
  { "clopper1934", "article", "Clopper, C. J. and Pearson, E. S.",
    "The use of confidence or fiducial limits illustrated in the case of the binomial", 1934, "Biometrika 26(4), 404-413",
    doi = "10.1093/biomet/26.4.404" },
  { "chao1984", "article", "Chao, A.", "Nonparametric estimation of the number of classes in a population", 1984,
    "Scandinavian Journal of Statistics 11(4), 265-270", url = "https://www.jstor.org/stable/4615964" },
  { "chao1987", "article", "Chao, A.", "Estimating the population size for capture-recapture data with unequal catchability", 1987,
    "Biometrics 43(4), 783-791", doi = "10.2307/2531532" },
  { "chao2012", "article", "Chao, A. and Jost, L.",
    "Coverage-based rarefaction and extrapolation: standardizing samples by completeness rather than size", 2012,
    "Ecology 93(12), 2533-2547", doi = "10.1890/11-1952.1" },
  { "chao2013", "article", "Chao, A. and Wang, Y. T. and Jost, L.",
    "Entropy and the species accumulation curve: a novel entropy estimator via discovery rates of new species", 2013,
    "Methods in Ecology and Evolution 4(11), 1091-1100", doi = "10.1111/2041-210X.12108" },
  { "schuirmann1987", "article", "Schuirmann, D. J.",
    "A comparison of the two one-sided tests procedure and the power approach for assessing the equivalence of average bioavailability",
    1987, "Journal of Pharmacokinetics and Biopharmaceutics 15(6), 657-680", doi = "10.1007/BF01068419" },
  { "abbe2021", "inproceedings", "Abbe, E. and Boix-Adsera, E. and Brennan, M. and Bresler, G. and Nagaraj, D.",
    "The staircase property: how hierarchical structure can guide deep learning", 2021,
    "Advances in Neural Information Processing Systems 34", arxiv = "2108.10573" },
  { "olver2010", "book", "Olver, F. W. J. and Lozier, D. W. and Boisvert, R. F. and Clark, C. W.",
    "NIST handbook of mathematical functions", 2010, "Cambridge University Press", url = "https://dlmf.nist.gov" },
  { "salmon2011", "inproceedings", "Salmon, J. K. and Moraes, M. A. and Dror, R. O. and Shaw, D. E.",
    "Parallel random numbers: as easy as 1, 2, 3", 2011,
    "International Conference for High Performance Computing, Networking, Storage and Analysis", doi = "10.1145/2063384.2063405" },
  { "box1958", "article", "Box, G. E. P. and Muller, M. E.", "A note on the generation of random normal deviates", 1958,
    "Annals of Mathematical Statistics 29(2), 610-611", doi = "10.1214/aoms/1177706645" },
  { "anderson1999", "book", "Anderson, E. and Bai, Z. and Bischof, C. and others", "LAPACK users' guide", 1999, "SIAM, third edition",
    doi = "10.1137/1.9780898719604" },
  { "higham2002", "book", "Higham, N. J.", "Accuracy and stability of numerical algorithms", 2002, "SIAM, second edition",
    doi = "10.1137/1.9780898718027" },
  { "macwilliams1977", "book", "MacWilliams, F. J. and Sloane, N. J. A.", "The theory of error-correcting codes", 1977, "North-Holland",
    url = "https://www.sciencedirect.com/bookseries/north-holland-mathematical-library/vol/16" },
  { "muller1966", "book", "M{\\\"u}ller, C.", "Spherical harmonics", 1966, "Springer", doi = "10.1007/BFb0094775" },
  { "canatar2021", "article", "Canatar, A. and Bordelon, B. and Pehlevan, C.",
    "Spectral bias and task-model alignment explain generalization in kernel regression and infinitely wide neural networks", 2021,
    "Nature Communications 12, 2914", doi = "10.1038/s41467-021-23103-1" },
  { "savarese2019", "inproceedings", "Savarese, P. and Evron, I. and Soudry, D. and Srebro, N.",
    "How do infinite width bounded norm networks look in function space?", 2019, "Conference on Learning Theory",
    arxiv = "1902.05040" },
}

-- Which references each equation rests on; an empty list: derived by limn's authors, on the page itself.
references.equations = {
  { "penrose1955", "penrose1956" }, {}, {}, { "hoerl1970", "allen1974", "golub1979" }, { "gunasekar2018" }, {},
  { "chen1998", "tibshirani1996" },
  { "hill1973" },
  { "muirhead1982", "marsaglia2000" }, { "hastie2022" }, { "matthews2017" }, {}, { "belkin2020", "hastie2022" }, {},
  {}, {}, {}, { "solomonoff1964", "kraft1949", "chaitin1975" }, { "solomonoff1964" },
  { "lee2018", "jacot2018" }, { "yang2021" }, { "cho2009", "williams1998", "tsuchida2021", "mehler1866", "andrews1974", "stefanski1991" },
  { "lee2019", "rasmussen2006" }, { "rasmussen2006" }, { "lee2019", "matthews2017" }, { "bordelon2020", "simon2023" }, {},
  { "yang2021", "yang2022", "mei2018", "chizat2018", "he2015", "lecun1998", "glorot2010", "mezzadri2007", "kingma2015" },
  { "jacot2018" }, { "yang2022" }, { "lee2019" }, { "valleperez2019" },
  { "lorensen1987", "nielson1991" }, { "lempel1976", "blumer1985" }, { "zahl1977", "tukey1958" },
  { "student1908", "welch1947" }, { "efron1979", "efron1981" }, { "wilson1927", "clopper1934" },
  { "chao1984", "chao1987", "chao2012", "chao2013" }, { "schuirmann1987" }, { "olver2010" }, {},
  { "salmon2011", "box1958" }, { "anderson1999", "higham2002" }, { "abbe2021" },
  { "macwilliams1977" }, { "muller1966" }, { "canatar2021", "simon2023" }, { "savarese2019" },
}

-- By key, and in the order of the list above.
references.list = {}
for i, r in ipairs(list) do
  local key, kind, author, title, year, place = table.unpack(r, 1, 6)
  references.list[i] = { key = key, kind = kind, author = author, title = title, year = year, place = place, doi = r.doi,
    arxiv = r.arxiv, url = r.url }
  references[key] = references.list[i]
end

-- A text of BibTeX as plain text, and a list of authors.
function references.plain(text)
  return (text:gsub("{\\\"o}", "ö"):gsub("{\\\"u}", "ü"):gsub("{\\'e}", "é"))
end
function references.authors(text)
  return (references.plain(text):gsub(" and others", " et al."):gsub(" and ", "; "))
end

local PLACE = { book = "publisher", incollection = "booktitle", inproceedings = "booktitle", mastersthesis = "school" }

-- An entry of BibTeX.
function references.bibtex(key)
  local r = references[key]
  local out = { ("@%s{%s,"):format(r.kind, key) }
  local function add(name, value) if value then out[#out + 1] = ("  %s = {%s},"):format(name, value) end end
  add("author", r.author)
  add("title", "{" .. r.title:gsub("&", "\\&") .. "}")
  add(PLACE[r.kind] or "journal", (r.place:gsub("&", "\\&")))
  add("year", tostring(r.year))
  add("doi", r.doi)
  add("eprint", r.arxiv)
  add("archiveprefix", r.arxiv and "arXiv")
  add("url", r.url)
  return table.concat(out, "\n") .. "\n}"
end

return references
