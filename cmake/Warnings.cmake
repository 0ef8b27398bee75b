# Flags of every target: warnings are errors, sanitizers where asked for.
add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow
    -Wmissing-prototypes -Wstrict-prototypes -Wswitch-enum -Wvla
    -Wformat=2 -Werror
    -Wno-format-truncation) # a sentence cut at its bound is meant
add_compile_definitions(_GNU_SOURCE
    LABSWEEP_VERSION="${PROJECT_VERSION}")
include_directories(${CMAKE_SOURCE_DIR})
if(LABSWEEP_SANITIZE)
    add_compile_options(-fsanitize=${LABSWEEP_SANITIZE}
        -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${LABSWEEP_SANITIZE})
    if(LABSWEEP_SANITIZE MATCHES address AND NOT LABSWEEP_RUNNER_ONLY)
        add_library(keep_loaded OBJECT
            ${CMAKE_SOURCE_DIR}/tests/sanitize/keep_loaded.c)
        set(exe $<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>)
        link_libraries($<${exe}:$<TARGET_OBJECTS:keep_loaded>>)
    endif()
endif()
