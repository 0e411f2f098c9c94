/* vector_end.h: undefines the names of vector_body.h, before it is included for another type. */
#undef REAL
#undef INT
#undef UNSIGNED
#undef PASTE_
#undef PASTE
#undef N
#undef V
#undef VI
#undef LANES
#undef INLINE
#undef OUTLINE
#undef ARRAY_FUNCTION
#undef POLYNOMIAL
#undef REAL_BITS
