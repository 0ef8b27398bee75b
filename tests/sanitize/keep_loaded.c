/* keep_loaded.c - a dlclose() that does nothing, for sanitized builds
 *
 * Open MPI unloads its modules at the end; leaks that they leave could then
 * no longer be named, nor be suppressed by lsan.supp.
 */
#include <dlfcn.h>

int dlclose(void *handle)
{
    (void)handle;
    return 0;
}
