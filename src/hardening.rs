//! What the process does to keep its memory to itself.

/// Neither a core dump nor another process of the same user gets at the memory, where keys and tokens are. Programs
/// that this one becomes or starts are not affected.
pub fn keep_memory_private() {
    // Where it is refused, nothing is worse than before.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    #[cfg(all(unix, not(target_os = "linux")))]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        // The limit that programs started by this one can raise again stays.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), ..getrlimit(Resource::Core) });
    }
}
