#pragma once
#include <xlsxwriter.h>

// The options are a struct whose members differ between versions; only these two are ours.
static inline lxw_workbook *quittance_workbook(const char *path) {
    lxw_workbook_options options = { .constant_memory = LXW_TRUE, .use_zip64 = LXW_TRUE };
    return workbook_new_opt(path, &options);
}
