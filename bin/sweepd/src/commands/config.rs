//! `sweepd config`: is the configuration right, and what does it come to?
//!
//! Only reads. Nothing is looked at but files.

use std::path::Path;

use anyhow::anyhow;
use clap::Subcommand;
use sweepd_decide::AgentId;

use crate::commands::load;
use crate::config::{
    self, Config, Containers, Finding, Loaded, Severity, Source, Surroundings, Wake,
};
use crate::exit::{Exit, Failure, answer, tell};

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read the configuration and say everything that is wrong with it
    ///
    /// Errors and warnings go to standard error, each with file, line and column; a summary of
    /// what is configured goes to standard output. Exits with 2 if there is an error, else with 0.
    Check,
    /// Print the configuration in force, with all defaults filled in
    ///
    /// What is printed is a configuration file again, except that the values of environment
    /// variables are not shown.
    Show {
        /// Say behind each value where it comes from
        #[arg(long)]
        origin: bool,
        /// Print only what holds for this agent, e.g. nanoclaw/ag-1/sess-1
        #[arg(long, value_name = "ID")]
        agent: Option<String>,
    },
}

/// Does it.
pub(crate) fn run(
    command: &Command,
    file: Option<&Path>,
    around: &Surroundings,
) -> Result<Exit, Failure> {
    let loaded = load(file, around)?;
    match command {
        Command::Check => check(loaded),
        Command::Show { origin, agent: None } => {
            answer(&config::show(&loaded, *origin))?;
            Ok(Exit::Well)
        }
        Command::Show { origin, agent: Some(id) } => show_agent(&loaded, id, *origin),
    }
}

fn check(loaded: Loaded) -> Result<Exit, Failure> {
    let summary = summary(&loaded);
    let findings = config::check(loaded);
    if !findings.is_empty() {
        let lines: Vec<_> = findings.iter().map(|finding| format!("sweepd: {finding}")).collect();
        tell(&lines.join("\n"));
    }
    let is_error = |finding: &&Finding| finding.severity == Severity::Error;
    let errors = findings.iter().filter(is_error).count();
    if errors > 0 {
        return Ok(Exit::Usage);
    }
    let warnings = match findings.len() {
        0 => String::new(),
        1 => ", with 1 warning".to_owned(),
        many => format!(", with {many} warnings"),
    };
    let (file, rest) = summary;
    answer(&format!("{file}: ok{warnings}\n{rest}"))?;
    Ok(Exit::Well)
}

fn show_agent(loaded: &Loaded, id: &str, origin: bool) -> Result<Exit, Failure> {
    let agent = AgentId::new(id);
    let Some(source) = loaded.config.source(agent.source()).filter(|_| id.contains('/')) else {
        if id.contains('/') && loaded.config.source_mode(agent.source()).is_some() {
            let error =
                anyhow!("{id:?} is an always-on container: it is held to no limits of [policy]");
            let hint = "`sweepd config show` has its source; `sweepd why` says what holds for it";
            return Err(Failure::new(Exit::Usage, error).with_hint(hint));
        }
        let names: Vec<_> = loaded.config.names().iter().map(|n| format!("{n}/…")).collect();
        let error = anyhow!("no source has an agent {id:?}");
        let failure = Failure::new(Exit::Usage, error);
        let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        return Err(failure.with_hint(format!("ids start with the name of a source: {known}")));
    };
    answer(&config::show_agent(loaded, source, &agent, origin))?;
    Ok(Exit::Well)
}

/// The file's name, and what it configures, a line each.
fn summary(loaded: &Loaded) -> (String, String) {
    let Config { state_dir, mode, overrides, docker_host, sources, containers, alerts, .. } =
        &loaded.config;
    let mut lines = vec![
        format!("mode       {mode}"),
        format!("state-dir  {}", state_dir.display()),
        format!("docker     {docker_host}"),
    ];
    for source in sources {
        let Source { name, root, mode, timezone, wake, .. } = source;
        let wake = match wake {
            Wake::Docker(docker) => format!("wake docker ({})", docker.image),
            Wake::None | Wake::Learned | Wake::Command(_) | Wake::Process(_) => {
                format!("wake {}", wake.kind())
            }
        };
        let (root, zone) = (root.display(), timezone.name());
        lines.push(format!("source     {name}: nanoclaw at {root}, {mode}, {wake}, {zone}"));
    }
    for source in containers {
        let Containers { name, mode, registry, fixed, .. } = source;
        let registry = registry.as_ref().map(|from| format!("those in {}", from.path.display()));
        let fixed = (!fixed.is_empty()).then(|| format!("{} by name", fixed.len()));
        let who: Vec<String> = registry.into_iter().chain(fixed).collect();
        lines.push(format!("source     {name}: containers, {mode}, {}", who.join(" and ")));
    }
    lines.extend(alerts.sinks.iter().map(|sink| {
        let errors = sink.min_severity == sweepd_decide::Severity::Error;
        let whom: Vec<String> = sink.patterns.iter().map(ToString::to_string).collect();
        let whom = if whom.is_empty() { String::new() } else { format!(", {}", whom.join(" ")) };
        let errors = if errors { ", errors only" } else { "" };
        format!("sink       {}: {}{errors}{whom}", sink.name, sink.to.kind())
    }));
    if alerts.sinks.is_empty() {
        lines.push("sink       none: nobody is told".to_owned());
    }
    lines.extend(overrides.iter().map(|over| format!("override   {}", over.pattern)));
    let lines = format!("  {}\n", lines.join("\n  "));
    (loaded.name.clone(), lines)
}
