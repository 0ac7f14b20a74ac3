# WebAssembly with Debian's clang-19 and its wasm32 libraries. No operating system is there to call.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(CMAKE_C_COMPILER clang-19)
set(CMAKE_CXX_COMPILER clang++-19)
set(CMAKE_C_COMPILER_TARGET wasm32-wasi)
set(CMAKE_CXX_COMPILER_TARGET wasm32-wasi)
set(CMAKE_CXX_FLAGS_INIT "-stdlib=libc++ -fno-exceptions -fno-rtti")
# Programs need client-web/wasm/platform.cpp to link, so CMake's own trials stop short of it.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
