//! Parses, runs, exits.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use ibmiam::cli::{self, Parsed};
use ibmiam::commands;
use ibmiam::config::{self, Environment, Settings};
use ibmiam::context::{Context, system_clock};
use ibmiam::error::Error;
use ibmiam::iam::waiting::Watch;
use ibmiam::terminal::prompt::{self, StandardInput};
use ibmiam::terminal::ui::Ui;
use ibmiam::terminal::waiting;

fn main() -> ExitCode {
    let arguments = config::arguments();
    give_terminal_back_at_panics();
    let mut ui = Ui::of_process();
    let environment = Environment::of_process();
    let other = || environment.other_program("ibmcloud");
    let result = match cli::parse(&arguments, || other().is_some()) {
        Ok(Parsed::Run(cli)) => run(*cli, &environment, &mut ui),
        Ok(parsed) => {
            ui.configure(config::manner(&cli::wishes(&arguments), &environment));
            show(&parsed, &arguments, other, &mut ui)
        }
        Err(error) => {
            ui.configure(config::manner(&cli::wishes(&arguments), &environment));
            Err(error)
        }
    };
    ExitCode::from(ui.end(result))
}

/// What needs no settings.
fn show(
    parsed: &Parsed,
    arguments: &[OsString],
    other: impl Fn() -> Option<PathBuf>,
    ui: &mut Ui,
) -> Result<u8, Error> {
    match parsed {
        Parsed::HandOver(what) => return commands::hand_over::run(ui, arguments, other(), what),
        Parsed::Show(text) => {
            let text = ui.spoken(text);
            ui.data(&text);
        }
        Parsed::Nothing | Parsed::Run(_) => {}
    }
    Ok(0)
}

fn run(cli: cli::Cli, environment: &Environment, ui: &mut Ui) -> Result<u8, Error> {
    ui.configure(config::manner(&cli.global, environment));
    let mut settings = Settings::new(&cli.global, environment)?;
    settings.http.watch = Watch::new(ui.is_watched().then(waiting::line));
    let mut context =
        Context { settings, ui, prompt: Arc::new(StandardInput), now: system_clock, if_interrupted: None };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::failed(format!("The program cannot start: {error}.")).caused_by(error))?;
    let result = runtime.block_on(ibmiam::commands::run_until_interrupted(&mut context, cli.command));
    // A question that is still open must not hold up the end.
    runtime.shutdown_background();
    result
}

/// A panic ends the process at once, without a word to what would clear up.
fn give_terminal_back_at_panics() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        prompt::restore_lines();
        report(panic);
    }));
}
