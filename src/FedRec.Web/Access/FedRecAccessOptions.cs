namespace FedRec.Web;

/// <summary>Who may come in, and how they say who they are. As long as there is neither a key nor an issuer, whoever is at this machine may do everything, and nobody else may do anything.</summary>
/// <remarks>Where the host itself asks, as by <c>MapFedRec("/fedrec").RequireAuthorization("staff")</c>, those whom it lets in are operators, and nothing of this counts.</remarks>
public sealed class FedRecAccessOptions
{
    /// <summary>A key of an operator that is good without being stored, such as for the first operator; empty for none. Default: empty.</summary>
    public string Key { get; set; } = "";

    /// <summary>Whether everybody has to say who they are, though there is no key yet. Default: false.</summary>
    public bool Required { get; set; }

    /// <summary>Whether everybody on the network may do everything as long as there is no key: for a server behind a proxy that asks who they are. Default: false.</summary>
    public bool InsecureNoAuth { get; set; }

    /// <summary>Folder with the keys by which logins of the page are sealed, the same for all front ends; empty for keys that end with the process, and the logins with them. Default: empty.</summary>
    public string LoginKeysFolder { get; set; } = "";

    /// <summary>Who issues tokens, and for whom.</summary>
    public FedRecTokenOptions Tokens { get; set; } = new();
}

/// <summary>Tokens (JWT, RFC 7519) by which callers say who they are: signed by ES256 or RS256, with <c>iss</c>, <c>aud</c>, <c>exp</c>, and the role as a claim.</summary>
public sealed class FedRecTokenOptions
{
    /// <summary>Longest life that a token may have.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromHours(24);

    /// <summary>Who issues them (<c>iss</c>); empty where none are taken. Default: empty.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>For whom they must be (<c>aud</c>). Default: <c>fedrec</c>.</summary>
    public string Audience { get; set; } = "fedrec";

    /// <summary>File with the issuer's public keys: PEM (public keys or certificates), or a JSON Web Key Set; empty where they are asked for at <see cref="Authority"/>. Default: empty.</summary>
    public string KeysFile { get; set; } = "";

    /// <summary>Address of the issuer (OpenID Connect), by HTTPS, which tells its keys; empty where they are in <see cref="KeysFile"/>. Default: empty.</summary>
    public string Authority { get; set; } = "";

    /// <summary>Claim with the role: <c>viewer</c>, <c>app</c>, <c>operator</c>, or <c>user</c> for an app's user, whose id is <c>sub</c> and who gets lists of that user only. Default: <c>fedrec_role</c>.</summary>
    public string RoleClaim { get; set; } = "fedrec_role";

    /// <summary>Claim with the only federation that a token is good for; a token of a user must have it, unless <see cref="Federation"/> is set. Default: <c>fedrec_federation</c>.</summary>
    public string FederationClaim { get; set; } = "fedrec_federation";

    /// <summary>The only federation that tokens are good for that name none; empty for all of them. Default: empty.</summary>
    public string Federation { get; set; } = "";

    /// <summary>Whether tokens are taken.</summary>
    internal bool IsOn => Issuer.Length > 0;

    /// <summary>What is wrong, in words; null for nothing.</summary>
    internal string? Wrong => !IsOn ? (KeysFile.Length + Authority.Length > 0 ? "Keys of an issuer are of no use without its name: give Issuer too." : null)
        : (KeysFile.Length > 0) == (Authority.Length > 0) ? "Tokens need either a file with the issuer's keys (KeysFile) or its address (Authority)."
        : Audience.Length == 0 ? "Tokens need an audience: without one, a token of the same issuer for another service would be good here."
        : Authority.Length > 0 && !(Uri.TryCreate(Authority, UriKind.Absolute, out var address) && address.Scheme == "https") ? $"The issuer's address is '{Authority}'; it must begin with https://."
        : null;
}
