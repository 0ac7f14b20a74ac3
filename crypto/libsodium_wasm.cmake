# libsodium for WebAssembly, straight from its pinned source: what its configure would find there. sodium_wasm.cpp stands
# in for its system generator.
set(TOMOSHIBI_SODIUM_SOURCE ${CMAKE_SOURCE_DIR}/build/libsodium/source CACHE PATH "libsodium 1.0.22, unpacked")
set(source ${TOMOSHIBI_SODIUM_SOURCE}/src/libsodium)
if(NOT EXISTS ${source}/crypto_kem/xwing)
  message(FATAL_ERROR
    "The source of libsodium 1.0.22 is not in ${TOMOSHIBI_SODIUM_SOURCE}. deploy/install puts it there; or point "
    "-DTOMOSHIBI_SODIUM_SOURCE= at the unpacked release.")
endif()

foreach(name PACKAGE_VERSION SODIUM_LIBRARY_VERSION_MAJOR SODIUM_LIBRARY_VERSION_MINOR)
  file(STRINGS ${TOMOSHIBI_SODIUM_SOURCE}/configure line REGEX "^${name}=[0-9.']+$")
  string(REGEX REPLACE "[^0-9.]" "" ${name} "${line}")
endforeach()
set(VERSION ${PACKAGE_VERSION})
configure_file(${source}/include/sodium/version.h.in ${CMAKE_CURRENT_BINARY_DIR}/include/sodium/version.h @ONLY)

file(GLOB_RECURSE files ${source}/*.c)
list(REMOVE_ITEM files ${source}/randombytes/sysrandom/randombytes_sysrandom.c)
add_library(tomoshibi_sodium STATIC ${files} sodium_wasm.cpp)
target_include_directories(tomoshibi_sodium SYSTEM
  PUBLIC ${source}/include ${source}/include/sodium ${CMAKE_CURRENT_BINARY_DIR}/include
  PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/include/sodium)
target_compile_definitions(tomoshibi_sodium PRIVATE CONFIGURED=1 NATIVE_LITTLE_ENDIAN=1 HAVE_INTTYPES_H=1 HAVE_STDINT_H=1
  HAVE_WEAK_SYMBOLS=1 HAVE_C_VARARRAYS=1 HAVE_ALLOCA=1 HAVE_ALLOCA_H=1 HAVE_EXPLICIT_BZERO=1)
target_compile_options(tomoshibi_sodium PRIVATE -w -fno-strict-aliasing -fno-strict-overflow)
set_source_files_properties(${source}/crypto_scalarmult/curve25519/ref10/x25519_ref10.c PROPERTIES
  COMPILE_DEFINITIONS ge25519_scalarmult_base=x25519_needs_no_table)
target_link_options(tomoshibi_sodium INTERFACE LINKER:--wrap=crypto_scalarmult_curve25519_base)
