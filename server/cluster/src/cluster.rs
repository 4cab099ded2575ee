//! The cluster as the app sees it: started, connected to, stopped.

use std::fs;
use std::path::{Path, PathBuf};

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::account::Account;
use crate::connection::ConnectionTarget;
use crate::error::ClusterError;
use crate::home::Home;
use crate::installation::{Installation, Installations};
use crate::launcher::Launcher;
use crate::lock::Lock;
use crate::log::Log;
use crate::making::Making;
use crate::settings::Settings;
use crate::socket::SocketDir;
use crate::supervisor::Supervisor;

/// A running PostgreSQL of our own.
///
/// Call [`stop`](Self::stop) before the app ends. A cluster that is only dropped is told to shut
/// down but not waited for; one whose app is killed runs on until the next start takes it over.
#[derive(Debug)]
pub struct Cluster {
    connection: ConnectionTarget,
    installation: Installation,
    log: PathBuf,
    stop: oneshot::Sender<()>,
    supervisor: JoinHandle<()>,
}

impl Cluster {
    /// Starts the cluster in the data directory, making it first where there is none.
    pub async fn start(settings: Settings) -> Result<Self, ClusterError> {
        let installations = Installations::find(&settings.search_paths).await?;
        let data_dir = existing(&settings.data_dir)?;
        let lock = Lock::take(&data_dir)?;
        let account = Account::for_home(&Home::entrance(&data_dir)).await?;
        let home = Home::settle(&data_dir, &account).await?;
        let locks = [lock, Lock::take_home(home.path())?];
        let launcher = prepare(installations, account, &home, &data_dir, settings).await?;
        Self::launch(Supervisor { launcher, home: home.path().to_owned(), locks }).await
    }

    /// Where clients connect.
    pub fn connection(&self) -> &ConnectionTarget {
        &self.connection
    }

    /// Where clients connect, as a URL.
    pub fn database_url(&self) -> String {
        self.connection.url()
    }

    /// The binaries it runs on.
    pub fn installation(&self) -> &Installation {
        &self.installation
    }

    /// The file that holds what the server says.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Shuts the server down and waits until it has ended and the data may be used by another app.
    pub async fn stop(self) {
        drop(self.stop);
        if let Err(error) = self.supervisor.await {
            tracing::error!(%error, "the supervisor of PostgreSQL failed");
        }
    }

    async fn launch(supervisor: Supervisor) -> Result<Self, ClusterError> {
        let launcher = &supervisor.launcher;
        let postmaster = launcher.first_start().await?;
        if let Err(error) = launcher.ensure_database().await {
            postmaster.stop().await;
            return Err(error);
        }
        let connection = launcher.connection();
        let installation = launcher.installation.clone();
        let log = launcher.log.path().to_owned();
        tracing::info!(
            pid = postmaster.pid(),
            version = installation.version(),
            socket_dir = %connection.socket_dir.display(),
            "PostgreSQL runs"
        );
        let (stop, told_to_stop) = oneshot::channel();
        let supervisor = tokio::spawn(supervisor.run(postmaster, told_to_stop));
        Ok(Self { connection, installation, log, stop, supervisor })
    }
}

/// The data directory by the one name it has for everybody.
fn existing(data_dir: &Path) -> Result<PathBuf, ClusterError> {
    fs::create_dir_all(data_dir).map_err(ClusterError::io("create", data_dir))?;
    fs::canonicalize(data_dir).map_err(ClusterError::io("find", data_dir))
}

/// Makes the data where there is none, and readies the launcher of the fitting binaries.
async fn prepare(
    installations: Installations,
    account: Account,
    home: &Home,
    data_dir: &Path,
    settings: Settings,
) -> Result<Launcher, ClusterError> {
    let log = Log::new(data_dir.join("postgres.log"));
    let installation = match home.major()? {
        Some(major) => installations.of_major(major, &home.data())?,
        None => {
            let installation = installations.preferred();
            let throw_away = settings.throw_away;
            Making { installation: &installation, account: &account, home, log: &log, throw_away }
                .run()
                .await?;
            installation
        }
    };
    let socket_dir = SocketDir::of_home(home.path(), &account);
    Ok(Launcher { installation, account, data: home.data(), socket_dir, log, options: settings.options })
}
