/* limn.h: the whole C API of liblimn (numerics; no Lua). For the scripting host see limn/host.h. */
#ifndef LIMN_LIMN_H
#define LIMN_LIMN_H

#include "limn/status.h"
#include "limn/token.h"
#include "limn/vocabulary.h"
#include "limn/cpu.h"
#include "limn/memory.h"
#include "limn/contrib.h"
#include "limn/array.h"
#include "limn/array_ops.h"
#include "limn/array_search.h"
#include "limn/array_shape.h"
#include "limn/matrix.h"
#include "limn/programs.h"
#include "limn/random_distributions.h"
#include "limn/rng.h"
#include "limn/features.h"
#include "limn/functions.h"
#include "limn/kernel.h"
#include "limn/maps.h"
#include "limn/mlp.h"
#include "limn/stats.h"
#include "limn/theory.h"
#include "limn/features.h"
#include "limn/regress.h"

#endif
