# A report as a reader sees it, in headless Chromium: the page is the one
# that unit/report/test_html leaves behind.
set(page ${CMAKE_BINARY_DIR}/report-test/report.html)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/report-test)
set_tests_properties(unit/report/test_html PROPERTIES
    ENVIRONMENT REPORT_OUT=${page} FIXTURES_SETUP report_page)
foreach(view "wide-light:--width 1280 --choices"
        "wide-dark:--width 1280 --dark --print dark.pdf" "phone:--width 390")
    string(REPLACE ":" ";" view ${view})
    list(GET view 0 name)
    list(GET view 1 words)
    separate_arguments(words)
    add_test(NAME browser/report-${name}
        COMMAND ${CMAKE_SOURCE_DIR}/tests/browser/check-report --all ${words}
            --screenshot ${CMAKE_BINARY_DIR}/report-test/${name}.png ${page})
    set_tests_properties(browser/report-${name} PROPERTIES
        FIXTURES_REQUIRED report_page TIMEOUT 600 LABELS browser
        WORKING_DIRECTORY ${CMAKE_BINARY_DIR}/report-test)
endforeach()

# The same of two archives compared.
set(page ${CMAKE_BINARY_DIR}/report-test/compare.html)
set_tests_properties(unit/report/test_comparison PROPERTIES
    ENVIRONMENT COMPARE_OUT=${page} FIXTURES_SETUP compare_page)
add_test(NAME browser/compare
    COMMAND ${CMAKE_SOURCE_DIR}/tests/browser/check-report --all
        --screenshot ${CMAKE_BINARY_DIR}/report-test/compare.png ${page})
set_tests_properties(browser/compare PROPERTIES
    FIXTURES_REQUIRED compare_page TIMEOUT 180 LABELS browser)
