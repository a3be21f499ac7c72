//! `POST /identity/token`: exchanges a key, a refresh token or another credential for an access token.

use serde::Deserialize;

use super::endpoint::Endpoint;
use super::error::Error;
use super::http::{Http, HttpOptions};
use super::request::Request;
use crate::mask;
use crate::secret::SecretString;

/// The public client of IBM's own command line: `bx:bx`. Only tokens that are issued to it can be renewed.
const CLI_CLIENT: &str = "Basic Yng6Yng=";

/// A passcode can be used once, so it is used up even if the response is lost.
const PASSCODE: &str = "urn:ibm:params:oauth:grant-type:passcode";

/// The value that the service sends if a client gets no refresh token.
const NO_REFRESH_TOKEN: &str = "not_supported";

/// The client of a token request, which decides whether there is a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenClient {
    /// No client: only an access token.
    Default,
    /// `bx:bx`: a login that can be renewed.
    Cli,
}

/// A response of the token endpoint.
#[derive(Debug, Deserialize)]
pub struct Tokens {
    /// A JWT, valid for about an hour.
    pub access_token: SecretString,
    /// Opaque; only for [`TokenClient::Cli`].
    #[serde(default)]
    pub refresh_token: Option<SecretString>,
}

/// The part of the service that requires no token.
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

    /// Uses an existing connection.
    pub(super) fn over(http: Http) -> Self {
        Self { http }
    }

    /// Returns the same connection, for requests with a token.
    #[must_use]
    pub fn http(&self) -> Http {
        self.http.clone()
    }

    /// The endpoint that requests are sent to.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        self.http.endpoint()
    }

    /// Grant `urn:ibm:params:oauth:grant-type:apikey`. A key belongs to one account; another account is rejected.
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

    /// Grant `refresh_token`, as the client that logged in; optionally for another account of the same user.
    ///
    /// # Errors
    /// 400 with `BXNIM0407E`, `BXNIM0408E` or `BXNIM0439E` once the login has ended, `BXNIM0141E` for an account that
    /// is not the user's.
    pub async fn token_for_refresh_token(&self, token: &SecretString, account: Option<&str>) -> Result<Tokens, Error> {
        self.token("refresh_token", vec![("refresh_token", token.clone())], account, TokenClient::Cli).await
    }

    /// Grant `urn:ibm:params:oauth:grant-type:passcode`. Without an account, the token may be for no account.
    ///
    /// # Errors
    /// 400 for a passcode that is wrong, used or expired.
    pub async fn token_for_passcode(&self, passcode: &SecretString, account: Option<&str>) -> Result<Tokens, Error> {
        self.token(PASSCODE, vec![("passcode", passcode.clone())], account, TokenClient::Cli).await
    }

    /// Grant `urn:ibm:params:oauth:grant-type:cr-token`; there is no refresh token.
    ///
    /// # Errors
    /// 400 for an invalid token or profile.
    pub async fn token_for_compute_resource(&self, token: &SecretString, profile: &str) -> Result<Tokens, Error> {
        let field = match profile {
            crn if crn.starts_with("crn:") => "profile_crn",
            id if id.starts_with("Profile-") || id.starts_with("iam-Profile-") => "profile_id",
            _ => "profile_name",
        };
        let fields = vec![("cr_token", token.clone()), (field, SecretString::from(profile))];
        self.token("urn:ibm:params:oauth:grant-type:cr-token", fields, None, TokenClient::Default).await
    }

    /// Returns the page where the user gets a one-time passcode, according to the service's discovery document.
    ///
    /// # Errors
    /// `Unreadable` if the document names no page, or one that is neither on IAM's hosts nor on the endpoint itself.
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

    /// `POST /identity/passcode`: a one-time passcode for the holder of the refresh token.
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
