//! `POST /identity/token`: from a key or a refresh token to an access token.

use serde::Deserialize;

use super::endpoint::Endpoint;
use super::error::Error;
use super::http::{Http, HttpOptions};
use super::request::Request;
use crate::mask;
use crate::secret::SecretString;

/// The public client of IBM's own command line: `bx:bx`. Only tokens issued to it can be renewed.
const CLI_CLIENT: &str = "Basic Yng6Yng=";

/// A passcode is good once, so a lost answer has spent it.
const PASSCODE: &str = "urn:ibm:params:oauth:grant-type:passcode";

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

    /// Over a connection that is there.
    pub(super) fn over(http: Http) -> Self {
        Self { http }
    }

    /// The same connection, for requests with a token.
    #[must_use]
    pub fn http(&self) -> Http {
        self.http.clone()
    }

    /// Where requests go.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        self.http.endpoint()
    }

    /// Grant `urn:ibm:params:oauth:grant-type:apikey`. A key belongs to one account; another is refused.
    ///
    /// # Errors
    /// 400 `BXNIM0415E` for an unknown key, `BXNIM0462E` for a disabled one, `BXNIM0141E` for another account.
    pub async fn token_for_api_key(
        &self,
        key: &SecretString,
        client: TokenClient,
        account: Option<&str>,
    ) -> Result<Tokens, Error> {
        let grant = "urn:ibm:params:oauth:grant-type:apikey";
        self.token(grant, vec![("apikey", key.clone())], account, client).await
    }

    /// Grant `refresh_token`, as the client that logged in; perhaps for another account of the same user.
    ///
    /// # Errors
    /// 400 with `BXNIM0407E`, `BXNIM0408E` or `BXNIM0439E` once the login has ended, `BXNIM0141E` for a foreign account.
    pub async fn token_for_refresh_token(&self, token: &SecretString, account: Option<&str>) -> Result<Tokens, Error> {
        self.token("refresh_token", vec![("refresh_token", token.clone())], account, TokenClient::Cli).await
    }

    /// Grant `urn:ibm:params:oauth:grant-type:passcode`. Without an account the token may be for none.
    ///
    /// # Errors
    /// 400 for a passcode that is wrong, used or over.
    pub async fn token_for_passcode(&self, passcode: &SecretString, account: Option<&str>) -> Result<Tokens, Error> {
        self.token(PASSCODE, vec![("passcode", passcode.clone())], account, TokenClient::Cli).await
    }

    /// Grant `urn:ibm:params:oauth:grant-type:cr-token`; there is no refresh token.
    ///
    /// # Errors
    /// 400 for a token or a profile that is none.
    pub async fn token_for_compute_resource(&self, token: &SecretString, profile: &str) -> Result<Tokens, Error> {
        let field = match profile {
            crn if crn.starts_with("crn:") => "profile_crn",
            id if id.starts_with("Profile-") || id.starts_with("iam-Profile-") => "profile_id",
            _ => "profile_name",
        };
        let fields = vec![("cr_token", token.clone()), (field, SecretString::from(profile))];
        self.token("urn:ibm:params:oauth:grant-type:cr-token", fields, None, TokenClient::Default).await
    }

    /// The page where a person gets a one-time passcode, as the service's discovery names it.
    ///
    /// # Errors
    /// `Unreadable` if it names none, or one that is neither IAM's own nor on this machine.
    pub async fn passcode_page(&self) -> Result<String, Error> {
        #[derive(Deserialize)]
        struct Discovery {
            passcode_endpoint: String,
        }
        let request = Request::read("/identity/.well-known/openid-configuration");
        let discovery: Discovery = super::json::parse(&self.http.send(&request).await?.body)?;
        if !Endpoint::is_page_of(&discovery.passcode_endpoint, self.endpoint()) {
            return Err(Error::unreadable("its passcode URL does not belong to IAM"));
        }
        Ok(discovery.passcode_endpoint)
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
        let answer: Answer = super::json::parse(&self.http.send(&request).await?.body)?;
        Ok(answer.passcode)
    }

    async fn token(
        &self,
        grant: &str,
        own: Vec<(&'static str, SecretString)>,
        account: Option<&str>,
        client: TokenClient,
    ) -> Result<Tokens, Error> {
        let mut fields = vec![("grant_type", SecretString::from(grant))];
        fields.extend(own);
        fields.push(("response_type", SecretString::from("cloud_iam")));
        fields.extend(account.map(|account| ("account", SecretString::from(account))));
        let mut request = Request::form("/identity/token", fields);
        if grant == PASSCODE {
            request = request.once();
        }
        if client == TokenClient::Cli {
            request = request.header("authorization", CLI_CLIENT)?;
        }
        let answer = self.http.send(&request).await?;
        let mut tokens: Tokens = super::json::parse(&answer.body)?;
        tokens.refresh_token = tokens.refresh_token.filter(is_usable);
        mask::remember(&tokens.access_token);
        tokens.refresh_token.iter().for_each(mask::remember);
        Ok(tokens)
    }
}

fn is_usable(token: &SecretString) -> bool {
    use crate::secret::ExposeSecret;
    !matches!(token.expose_secret(), "" | NO_REFRESH_TOKEN)
}
