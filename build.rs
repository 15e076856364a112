// SPDX-License-Identifier: LGPL-2.1-or-later
//! Link arguments of cargo's own shared library, and the C header when the feature `header` asks for it.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=build.rs");

    // Cargo gives a cdylib no SONAME; a program linked to it would then record the path of this build
    // as what it needs. The number is the ABI's: it changes when a C caller would have to be rebuilt.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libvirnetdevvf.so.0");
    // Calls between the exports must stay interposable (src/capi/door.rs). A toolchain or an environment
    // that asks for -Bsymbolic or -Bsymbolic-functions would bind them: take it back.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-Bno-symbolic");

    #[cfg(feature = "header")]
    header()?;
    Ok(())
}

/// Writes the C header to OUT_DIR, never into the tree: a test compares it with include/virnetdevvf.h.
#[cfg(feature = "header")]
fn header() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=src/capi");
    println!("cargo:rerun-if-changed=cbindgen.toml");
    let root = std::env::var("CARGO_MANIFEST_DIR")?;
    let out = std::env::var("OUT_DIR")?;
    cbindgen::generate(root)?.write_to_file(format!("{out}/virnetdevvf.h"));
    Ok(())
}
