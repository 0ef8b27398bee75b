# embed_file(TARGET SYMBOL FILE): put FILE into TARGET as the bytes
# SYMBOL[] with their count SYMBOL_len (a terminating zero is added, and
# not counted).  Declare both with EMBEDDED(SYMBOL) of core/embed.h.
function(embed_file target symbol file)
    set(out ${CMAKE_CURRENT_BINARY_DIR}/embed_${symbol}.S)
    file(GENERATE OUTPUT ${out} CONTENT "\
    .section .rodata\n\
    .global ${symbol}\n\
    .balign 16\n\
${symbol}:\n\
    .incbin \"${file}\"\n\
    .byte 0\n\
${symbol}_end:\n\
    .balign 8\n\
    .global ${symbol}_len\n\
${symbol}_len:\n\
    .quad ${symbol}_end - ${symbol} - 1\n\
    .section .note.GNU-stack,\"\",%progbits\n")
    set_source_files_properties(${out} PROPERTIES
        LANGUAGE ASM OBJECT_DEPENDS ${file} GENERATED TRUE)
    target_sources(${target} PRIVATE ${out})
endfunction()
