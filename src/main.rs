//! The program: parses the arguments, runs the command, and exits.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use ibmiam::cli::{self, Parsed};
use ibmiam::commands;
use ibmiam::complete;
use ibmiam::config::{self, Environment, Settings};
use ibmiam::context::{Context, system_clock};
use ibmiam::error::Error;
use ibmiam::hardening;
use ibmiam::iam::trace::Trace;
use ibmiam::iam::waiting::Watch;
use ibmiam::mask;
use ibmiam::terminal::input::{self, StandardInput};
use ibmiam::terminal::prompt::Prompt;
use ibmiam::terminal::ui::Ui;
use ibmiam::terminal::{trace, waiting};
use ibmiam::text::reason;

fn main() -> ExitCode {
    let arguments = config::arguments();
    install_panic_hook();
    hardening::keep_memory_private();
    let mut ui = Ui::of_process();
    let environment = Environment::of_process();
    if let Some(answer) = complete(&arguments, &environment) {
        // An error is ignored, because a closed shell reads nothing.
        let _ = std::io::stdout().write_all(answer.as_bytes());
        return ExitCode::SUCCESS;
    }
    let other = || environment.next_program("ibmcloud");
    let result = match cli::parse(&arguments, || other().is_some()) {
        Ok(Parsed::Run(cli)) => run(*cli, &environment, &mut ui),
        Ok(parsed) => {
            ui.configure(config::ui_settings(&cli::lenient_global(&arguments), &environment));
            show(&parsed, &arguments, other, &mut ui)
        }
        Err(error) => {
            ui.configure(config::ui_settings(&cli::lenient_global(&arguments), &environment));
            Err(error)
        }
    };
    ExitCode::from(ui.end(result))
}

/// Returns the response to a completion request of a shell, if this is one. Every failure is silent.
fn complete(arguments: &[OsString], environment: &Environment) -> Option<String> {
    let request = complete::Request::read(&environment.completing_shell()?, arguments)?;
    Some(commands::completion::answer::answer(&request, environment))
}

/// Runs what needs no settings: help, the version, and commands that are handed over to another program.
fn show(
    parsed: &Parsed,
    arguments: &[OsString],
    other: impl Fn() -> Option<PathBuf>,
    ui: &mut Ui,
) -> Result<u8, Error> {
    match parsed {
        Parsed::HandOver(what) => return commands::stand_in::delegate::run(ui, arguments, other(), what),
        Parsed::Show(text) => ui.data(text),
        Parsed::Nothing | Parsed::Run(_) => {}
    }
    Ok(0)
}

fn run(cli: cli::Cli, environment: &Environment, ui: &mut Ui) -> Result<u8, Error> {
    ui.configure(config::ui_settings(&cli.global, environment));
    let mut settings = Settings::new(&cli.global, environment)?;
    settings.http.watch = Watch::new(ui.is_watched().then(waiting::line));
    let trace::Opened { sink, failure } = trace::open(&settings.trace)?;
    settings.http.trace = Trace::new(sink, system_clock);
    let prompt = Prompt::new(Arc::new(StandardInput), settings.no_input, environment.has_dumb_terminal());
    let (in_progress, final_notes) = (None, vec![failure]);
    let mut context = Context { settings, ui, prompt, now: system_clock, in_progress, log_in: Vec::new(), final_notes };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::failed(format!("ibmiam cannot start: {}.", reason(&error))))?;
    let result = runtime.block_on(ibmiam::commands::run_until_interrupted(&mut context, cli.command));
    context.show_final_notes();
    // A question that is still open must not delay the exit.
    runtime.shutdown_background();
    result
}

/// Reports a panic, which ends the process at once without destructors. The message is masked, because it can contain
/// any text.
fn install_panic_hook() {
    std::panic::set_hook(Box::new(|panic| {
        input::restore_lines();
        let text = format!("ibmiam crashed: {panic}\nThis is a bug. Please report it.\n");
        // An error is ignored, because there is no other place to report it.
        let _ = std::io::stderr().write_all(mask::text(&text).as_bytes());
    }));
}
