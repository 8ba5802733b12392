using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FedRec.Hosting.Configuration;
using Orleans.Connections.Security;

namespace FedRec.Hosting;

/// <summary>Encryption between silos and between silos and their clients; section <c>FedRec:Silo:Tls</c>. All of one cluster have it, or none.</summary>
/// <remarks>Whoever is connected is trusted with everything. So the one that connects shows a certificate too: encryption alone would let everybody in.</remarks>
public sealed class SiloTlsOptions
{
    /// <summary>File with this process's certificate and its private key: PEM, or PKCS #12 (<c>.pfx</c>, <c>.p12</c>). Default: none.</summary>
    public string Certificate { get; set; } = "";

    /// <summary>PEM file with the private key, where <see cref="Certificate"/> has it not. Default: none.</summary>
    public string Key { get; set; } = "";

    /// <summary>Password of the PKCS #12 file or of the private key. A secret: best set as <c>FEDREC__Silo__Tls__Password</c>. Default: none.</summary>
    [Secret] public string Password { get; set; } = "";

    /// <summary>Subject of a certificate in the system's store <c>My</c>, in place of a file. Default: none.</summary>
    public string Subject { get; set; } = "";

    /// <summary>Whose store that is. Default: CurrentUser.</summary>
    public StoreLocation Location { get; set; } = StoreLocation.CurrentUser;

    /// <summary>PEM file with the authorities that the other side's certificate may come from, and with what stands between. Empty for those that the system trusts, and
    /// then <see cref="Name"/> is needed: they sign for everybody. Default: none.</summary>
    public string Authority { get; set; } = "";

    /// <summary>DNS name that the other side's certificate must carry; empty for any. Default: none.</summary>
    public string Name { get; set; } = "";

    /// <summary>Whether connections are encrypted.</summary>
    internal bool IsOn => HasCertificate || Authority.Length > 0;

    internal bool HasCertificate => Certificate.Length > 0 || Subject.Length > 0;

    /// <summary>What cannot be together; null for nothing.</summary>
    internal string? Wrong() => this switch
    {
        { Certificate.Length: > 0, Subject.Length: > 0 } => "FedRec:Silo:Tls:Certificate and FedRec:Silo:Tls:Subject both name this process's certificate. Leave one of them out.",
        { Certificate: "", Key.Length: > 0 } => "FedRec:Silo:Tls:Key is the key of a certificate, but FedRec:Silo:Tls:Certificate is empty.",
        { IsOn: false, Name.Length: > 0 } => "FedRec:Silo:Tls:Name is demanded of the other side, but there is no encryption. Set FedRec:Silo:Tls:Certificate and FedRec:Silo:Tls:Authority.",
        { IsOn: true, Authority: "", Name: "" } => "The system's authorities sign for everybody. Set FedRec:Silo:Tls:Authority, or FedRec:Silo:Tls:Name.",
        { IsOn: true, HasCertificate: false } => "Both sides show a certificate, but FedRec:Silo:Tls:Certificate is empty.",
        _ => null,
    };
}

/// <summary>Puts the encryption into silos and clients.</summary>
internal static class SiloTls
{
    /// <summary>Encrypts what a silo accepts and what it connects to.</summary>
    /// <exception cref="SettingException">A certificate cannot be used.</exception>
    public static void AddTo(ISiloBuilder silo, FedRecOptions options)
    {
        if (options.Tls.IsOn)
        {
            var (own, authorities) = (Own(options) ?? throw new SettingException("A silo needs a certificate, but FedRec:Silo:Tls:Certificate is empty.", Next), Authorities(options));
            silo.UseTls(tls => Configure(tls, options.Tls, own, authorities));
        }
    }

    /// <summary>Encrypts what a client connects to.</summary>
    /// <inheritdoc cref="AddTo(ISiloBuilder, FedRecOptions)"/>
    public static void AddTo(IClientBuilder client, FedRecOptions options)
    {
        if (options.Tls.IsOn)
        {
            var (own, authorities) = (Own(options), Authorities(options));
            client.UseTls(tls => Configure(tls, options.Tls, own, authorities));
        }
    }

    private const string Next = "silo-config/README.md says what each key below FedRec:Silo:Tls is for.";

    private static void Configure(TlsOptions tls, SiloTlsOptions options, X509Certificate2? own, X509Certificate2Collection? authorities)
    {
        tls.LocalCertificate = own;
        tls.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        tls.ClientCertificateMode = own is null ? RemoteCertificateMode.NoCertificate : RemoteCertificateMode.RequireCertificate;
        tls.RemoteCertificateValidation = (certificate, _, errors) => IsTrusted(certificate, errors, options, authorities);
    }

    // Silos are known by address. Whether it comes from whom it must come from, is valid today, and carries the name. The system's own verdict counts only where its authorities do.
    internal static bool IsTrusted(X509Certificate2 certificate, SslPolicyErrors errors, SiloTlsOptions options, X509Certificate2Collection? authorities)
    {
        if (options.Name.Length > 0 && !certificate.MatchesHostname(options.Name, allowCommonName: false))
        {
            return false;
        }

        if (authorities is null)
        {
            return (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ExtraStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck; // an authority of one's own seldom says what it has taken back
        return chain.Build(certificate);
    }

    private static X509Certificate2? Own(FedRecOptions options)
    {
        var tls = options.Tls;
        if (tls.Subject.Length > 0)
        {
            return Usable("FedRec:Silo:Tls:Subject", tls.Subject, () => CertificateLoader.LoadFromStoreCert(tls.Subject, nameof(StoreName.My), tls.Location, allowInvalid: false, server: true));
        }

        return tls.Certificate.Length == 0 ? null : Usable("FedRec:Silo:Tls:Certificate", tls.Certificate, () => Load(PathOf(options, tls.Certificate, "Certificate"), tls.Key.Length == 0 ? null : PathOf(options, tls.Key, "Key"), tls.Password));
    }

    private static X509Certificate2 Load(string file, string? key, string password)
    {
        if (Path.GetExtension(file).ToLowerInvariant() is ".pfx" or ".p12")
        {
            return X509CertificateLoader.LoadPkcs12FromFile(file, password);
        }

        using var pem = password.Length > 0 ? X509Certificate2.CreateFromEncryptedPemFile(file, password, key) : X509Certificate2.CreateFromPemFile(file, key);
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null); // a key that is not stored is of no use to TLS on Windows
    }

    private static X509Certificate2Collection? Authorities(FedRecOptions options)
    {
        if (options.Tls.Authority.Length == 0)
        {
            return null;
        }

        var file = PathOf(options, options.Tls.Authority, "Authority");
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPemFile(file);
        }
        catch (CryptographicException e)
        {
            throw new SettingException($"FedRec:Silo:Tls:Authority names {file}, which cannot be read as certificates: {e.Message}", Next);
        }

        return found.Count > 0 ? found : throw new SettingException($"FedRec:Silo:Tls:Authority names {file}, which has no certificate in PEM.", Next);
    }

    private static X509Certificate2 Usable(string key, string value, Func<X509Certificate2> load)
    {
        X509Certificate2 certificate;
        try
        {
            certificate = load();
        }
        catch (Exception e) when (e is CryptographicException or InvalidOperationException)
        {
            throw new SettingException($"{key} is '{value}', which cannot be used as a certificate with its key: {e.Message}", Next);
        }

        return !certificate.HasPrivateKey ? throw new SettingException($"{key} is '{value}', which has no private key.", "Set FedRec:Silo:Tls:Key to the file of its key.")
            : certificate.NotAfter < DateTime.Now ? throw new SettingException($"{key} is '{value}', a certificate that was valid until {certificate.NotAfter:u}.", "Have it renewed; nobody would take it.")
            : certificate;
    }

    private static string PathOf(FedRecOptions options, string path, string key) => Path.GetFullPath(path, options.Here) is var full && File.Exists(full) ? full
        : throw new SettingException($"FedRec:Silo:Tls:{key} names {full}, which is not there.", "Give an existing file, or leave all keys below FedRec:Silo:Tls out where nothing is to be encrypted.");
}
