//! Parses, runs, exits.

use std::process::ExitCode;
use std::sync::Arc;

use ibmiam::cli::{self, Parsed};
use ibmiam::config::{self, Environment, Settings};
use ibmiam::context::{Context, system_clock};
use ibmiam::error::Error;
use ibmiam::output::Format;
use ibmiam::terminal::prompt::StandardInput;
use ibmiam::terminal::ui::{Colour, Ui};

fn main() -> ExitCode {
    let arguments = config::arguments();
    let mut ui = Ui::of_process();
    let result = match cli::parse(&arguments) {
        Ok(Parsed::Run(cli)) => run(*cli, &mut ui),
        Ok(Parsed::Show(text)) => {
            ui.data(&text);
            Ok(0)
        }
        Err(error) => {
            if cli::wants_json(&arguments) {
                ui.configure(Format::Json, false, Colour::Auto);
            }
            Err(error)
        }
    };
    ExitCode::from(ui.end(result))
}

fn run(cli: cli::Cli, ui: &mut Ui) -> Result<u8, Error> {
    let settings = Settings::new(&cli.global, &Environment::of_process())?;
    ui.configure(settings.format, settings.quiet, settings.colour);
    let mut context = Context { settings, ui, prompt: Arc::new(StandardInput), now: system_clock };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::failed(format!("The program cannot start: {error}.")).caused_by(error))?;
    let result = runtime.block_on(ibmiam::commands::run_until_interrupted(&mut context, cli.command));
    // A question that is still open must not hold up the end.
    runtime.shutdown_background();
    result
}
