#pragma once
#include <cairo-pdf.h>
#include <pango/pangocairo.h>

// Macros with casts in them are invisible to Swift.
static inline void quittance_release(void *object) { g_object_unref(object); }
