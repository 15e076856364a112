// SPDX-License-Identifier: LGPL-2.1-or-later
//! Link arguments of cargo's own shared library, and the C header if the feature `header` is on.

#[cfg(feature = "header")]
use std::env::var;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    // Cargo does not set the SONAME of a cdylib. A program that is linked with it would then record the path of this
    // build as its dependency. The number is that of the ABI: it changes when C callers must be rebuilt.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libvirnetdevvf.so.0");
    // Calls between the exports must stay interposable (src/capi/interpose.rs): this resets a -Bsymbolic of a toolchain
    // or of RUSTFLAGS (since binutils 2.37 and LLVM 13). meson.build links the library that is installed.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-Bno-symbolic");

    #[cfg(feature = "header")]
    header()?;
    Ok(())
}

/// Writes the C header to OUT_DIR, not to the source tree. A test compares it with include/virnetdevvf.h.
#[cfg(feature = "header")]
fn header() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=src/capi");
    println!("cargo:rerun-if-changed=cbindgen.toml");
    let mut made = Vec::new();
    cbindgen::generate(var("CARGO_MANIFEST_DIR")?)?.write(&mut made);
    let header = for_c(&String::from_utf8(made)?);
    std::fs::write(format!("{}/virnetdevvf.h", var("OUT_DIR")?), header)?;
    Ok(())
}

/// The header as cbindgen writes it, but with C90 comments in place of `//`, and without the sections "# Safety", which
/// are for Rust callers.
#[cfg(feature = "header")]
fn for_c(made: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut in_safety = false;
    for line in made.lines() {
        if line.trim() == "* # Safety" {
            in_safety = true;
            // Removes the empty line above it.
            lines.pop();
        }
        in_safety &= line.trim() != "*/";
        if !in_safety {
            lines.push(match line.split_once("// ") {
                Some((code, comment)) => format!("{code}/* {comment} */"),
                None => line.to_owned(),
            });
        }
    }
    lines.join("\n") + "\n"
}
