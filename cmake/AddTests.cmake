# add_unit_tests(ROOM [target...]): each test_*.c of tests/unit/ROOM becomes
# one executable and one ctest named unit/ROOM/FILE, linked to its room and
# to the folder's other .c files.
function(add_unit_tests room)
    file(GLOB tests CONFIGURE_DEPENDS
        ${CMAKE_SOURCE_DIR}/tests/unit/${room}/test_*.c)
    file(GLOB helpers CONFIGURE_DEPENDS
        ${CMAKE_SOURCE_DIR}/tests/unit/${room}/*.c)
    list(FILTER helpers EXCLUDE REGEX "/test_[^/]*$")
    foreach(source ${tests})
        get_filename_component(name ${source} NAME_WE)
        add_executable(${room}_${name} ${source} ${helpers})
        target_link_libraries(${room}_${name} PRIVATE room_${room} ${ARGN}
            PkgConfig::CMOCKA)
        set_target_properties(${room}_${name} PROPERTIES
            RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
        add_test(NAME unit/${room}/${name} COMMAND ${room}_${name}
            WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
        set_tests_properties(unit/${room}/${name} PROPERTIES
            TIMEOUT 300 LABELS unit)
    endforeach()
endfunction()

# add_fuzz_targets(room...): each tests/fuzz/fuzz_*.c holds one
# fuzz_one(data, size); tests/fuzz/driver.c feeds it the corpus and seeded
# mutations for a bounded time; clang builds it with libFuzzer instead.
function(add_fuzz_targets)
    file(GLOB fuzzers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/fuzz/fuzz_*.c)
    foreach(source ${fuzzers})
        get_filename_component(name ${source} NAME_WE)
        add_executable(${name} ${source} ${CMAKE_SOURCE_DIR}/tests/fuzz/driver.c)
        foreach(room ${ARGN})
            target_link_libraries(${name} PRIVATE room_${room})
        endforeach()
        set_target_properties(${name} PROPERTIES
            RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
        add_test(NAME fuzz/${name} COMMAND ${name}
            ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name}
            WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
        set_tests_properties(fuzz/${name} PROPERTIES TIMEOUT 300 LABELS fuzz)
    endforeach()
endfunction()

# add_cli_tests(): each tests/cli/tNNNN-*.sh is one ctest named cli/tNNNN-*;
# its label is its band: 0 offline, 1 local run, 2 kill and resume, 3 under
# mpiexec, 9 real board.  Exit code 77 is "cannot be tested here".
function(add_cli_tests)
    set(bands offline run kill mpiexec - - - - - board)
    file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/cli/t*.sh)
    foreach(script ${scripts})
        get_filename_component(name ${script} NAME_WE)
        string(SUBSTRING ${name} 1 1 digit)
        list(GET bands ${digit} band)
        add_test(NAME cli/${name} COMMAND ${script})
        set_tests_properties(cli/${name} PROPERTIES
            ENVIRONMENT BUILD=${CMAKE_BINARY_DIR} SKIP_RETURN_CODE 77
            TIMEOUT 600 LABELS "cli;${band}")
        if(digit GREATER 2)
            # ranks, hosts and whole labs: they want the cores for themselves
            set_tests_properties(cli/${name} PROPERTIES RUN_SERIAL TRUE)
        endif()
    endforeach()
endfunction()
