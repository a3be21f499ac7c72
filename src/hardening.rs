//! Protects the memory of the process.

/// Prevents core dumps and, on Linux, access by other processes of the same user, because the memory contains keys and
/// tokens. On Linux, programs that this process starts or executes in its place are not affected; on other systems they
/// inherit the limit for core dumps.
pub fn keep_memory_private() {
    // A failure is ignored, because the process is not worse off than before.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    #[cfg(all(unix, not(target_os = "linux")))]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        // The limit that programs started by this one can raise again stays.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), ..getrlimit(Resource::Core) });
    }
}
