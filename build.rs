// SPDX-License-Identifier: LGPL-2.1-or-later
//! Link arguments of cargo's own shared library, and the C header if the feature `header` is on.

use std::env::var;
use std::error::Error;
use std::process::Command;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=RUSTC_LINKER");
    println!("cargo:rerun-if-env-changed=CARGO_ENCODED_RUSTFLAGS");

    // Cargo does not set the SONAME of a cdylib. A program that is linked with it would then record the path of this
    // build as its dependency. The number is that of the ABI: it changes when C callers must be rebuilt.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libvirnetdevvf.so.0");
    // Calls between the exports must stay interposable (src/capi/interpose.rs). With -Bsymbolic or
    // -Bsymbolic-functions, from a toolchain or the environment, the linker would bind them. -Bno-symbolic (binutils
    // 2.37, LLVM 13) resets that.
    let arguments = link_arguments();
    if knows_no_symbolic(&arguments)? {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-Bno-symbolic");
    } else if arguments.iter().any(|argument| argument.contains("-Bsymbolic")) {
        return Err("RUSTFLAGS have -Bsymbolic, which breaks this library, and the linker knows no \
                    -Bno-symbolic: leave it out"
            .into());
    }

    #[cfg(feature = "header")]
    header()?;
    Ok(())
}

/// The values of rustc's flag `-C NAME=value`, written as one word or as two.
fn codegen_values(name: &str) -> Vec<String> {
    let flags = var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    flags
        .split('\x1f')
        .map(|flag| flag.trim_start_matches("-C").trim_start_matches("--codegen="))
        .filter_map(|flag| flag.strip_prefix(name)?.strip_prefix('='))
        .map(String::from)
        .collect()
}

/// The linker's arguments in rustc's flags.
fn link_arguments() -> Vec<String> {
    let words = codegen_values("link-args").join(" ");
    [codegen_values("link-arg"), words.split_ascii_whitespace().map(String::from).collect()].concat()
}

/// Whether the linker accepts -Bno-symbolic. Tries it by linking an empty library.
fn knows_no_symbolic(arguments: &[String]) -> Result<bool, Box<dyn Error>> {
    let linker =
        codegen_values("linker").pop().or_else(|| var("RUSTC_LINKER").ok()).unwrap_or_else(|| "cc".into());
    let output = format!("{}/no-symbolic.so", var("OUT_DIR")?);
    let linked = Command::new(linker)
        .args(arguments)
        .args(["-shared", "-nostdlib", "-Wl,-Bno-symbolic", "-o", &output, "-x", "c", "/dev/null"])
        .output();
    // If there is no such program, rustc reports that when it needs the linker.
    Ok(linked.is_ok_and(|linked| linked.status.success()))
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
