//! `POST /identity/token`: from a key or a refresh token to an access token.

use serde::Deserialize;

use super::endpoint::Endpoint;
use super::error::Error;
use super::http::{Http, HttpOptions, Request};
use crate::secret::SecretString;

/// The public client of IBM's own command line: `bx:bx`. Only tokens issued to it can be renewed.
const CLI_CLIENT: &str = "Basic Yng6Yng=";

/// What the service puts where a client gets no refresh token.
const NO_REFRESH_TOKEN: &str = "not_supported";

/// Who asks, which decides whether there is a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenClient {
    /// No client: an access token alone.
    Default,
    /// `bx:bx`: a login that can be renewed.
    Cli,
}

/// An answer of the token endpoint.
#[derive(Debug, Deserialize)]
pub struct Tokens {
    /// A JWT, about an hour valid.
    pub access_token: SecretString,
    /// Opaque; only for [`TokenClient::Cli`].
    #[serde(default)]
    pub refresh_token: Option<SecretString>,
}

/// The part of the service that needs no token.
#[derive(Debug, Clone)]
pub struct Identity {
    http: Http,
}

impl Identity {
    /// Prepares requests to an endpoint.
    ///
    /// # Errors
    /// `Setup` if the certificates cannot be used.
    pub fn new(endpoint: Endpoint, options: &HttpOptions) -> Result<Self, Error> {
        let http = Http::new(endpoint, options)?;
        Ok(Self { http })
    }

    /// The same connection, for requests with a token.
    #[must_use]
    pub fn http(&self) -> Http {
        self.http.clone()
    }

    /// Grant `urn:ibm:params:oauth:grant-type:apikey`.
    ///
    /// # Errors
    /// 400 `BXNIM0415E` for an unknown key, `BXNIM0462E` for a disabled one.
    pub async fn token_for_api_key(&self, key: &SecretString, client: TokenClient) -> Result<Tokens, Error> {
        let grant = "urn:ibm:params:oauth:grant-type:apikey";
        self.token(grant, "apikey", key, client).await
    }

    /// Grant `refresh_token`, as the client that logged in.
    ///
    /// # Errors
    /// 400 with `BXNIM0407E`, `BXNIM0408E` or `BXNIM0439E` once the login has ended.
    pub async fn token_for_refresh_token(&self, token: &SecretString) -> Result<Tokens, Error> {
        self.token("refresh_token", "refresh_token", token, TokenClient::Cli).await
    }

    /// `POST /identity/passcode`: a one-time passcode for whoever has the refresh token.
    ///
    /// # Errors
    /// As for the grant `refresh_token`.
    pub async fn passcode(&self, token: &SecretString) -> Result<SecretString, Error> {
        #[derive(Deserialize)]
        struct Answer {
            passcode: SecretString,
        }
        let fields = vec![
            ("grant_type", SecretString::from("refresh_token")),
            ("refresh_token", token.clone()),
            ("response_type", SecretString::from("cloud_iam")),
        ];
        let request = Request::form("/identity/passcode", fields).header("authorization", CLI_CLIENT)?;
        let answer: Answer = super::types::parse(&self.http.send(&request).await?.body)?;
        Ok(answer.passcode)
    }

    async fn token(
        &self,
        grant: &str,
        field: &'static str,
        value: &SecretString,
        client: TokenClient,
    ) -> Result<Tokens, Error> {
        let fields = vec![
            ("grant_type", SecretString::from(grant)),
            (field, value.clone()),
            ("response_type", SecretString::from("cloud_iam")),
        ];
        let mut request = Request::form("/identity/token", fields);
        if client == TokenClient::Cli {
            request = request.header("authorization", CLI_CLIENT)?;
        }
        let answer = self.http.send(&request).await?;
        let mut tokens: Tokens = super::types::parse(&answer.body)?;
        tokens.refresh_token = tokens.refresh_token.filter(is_usable);
        Ok(tokens)
    }
}

fn is_usable(token: &SecretString) -> bool {
    use crate::secret::ExposeSecret;
    !matches!(token.expose_secret(), "" | NO_REFRESH_TOKEN)
}
