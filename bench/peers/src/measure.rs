//! A command as a whole process: its time, and the most memory that it had.

use std::process::{Command, Stdio};
use std::time::Instant;

/// Runs a command, and prints what it took.
pub fn run(command: &[&str]) -> Result<(), String> {
    let start = Instant::now();
    let child = Command::new(command[0])
        .args(&command[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| format!("{}: {error}", command[0]))?;
    let mut status = 0;
    // SAFETY: a structure of numbers, all of which may be 0; the system fills it in.
    let (pid, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        let pid = libc::wait4(child.id() as i32, &mut status, 0, &mut usage);
        (pid, usage)
    };
    let ns = start.elapsed().as_nanos();
    if pid < 0 {
        return Err(std::io::Error::last_os_error().to_string());
    }
    let code = if libc::WIFEXITED(status) {
        libc::WEXITSTATUS(status)
    } else {
        -1
    };
    // Darwin counts bytes.
    let kb = usage.ru_maxrss / if cfg!(target_os = "macos") { 1024 } else { 1 };
    println!("{{\"ns\":{ns},\"kb\":{kb},\"code\":{code}}}");
    Ok(())
}
