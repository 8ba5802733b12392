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

    // The certificate is asked for with each connection, so that a renewed file counts without a new start.
    private static void Configure(TlsOptions tls, SiloTlsOptions options, RenewedCertificate? own, X509Certificate2Collection? authorities)
    {
        if (own is not null)
        {
            tls.LocalServerCertificateSelector = (_, _) => own.Current;
            tls.LocalClientCertificateSelector = (_, _, _, _, _) => own.Current;
            tls.LocalCertificate = own.Current;
        }

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

    private static RenewedCertificate? Own(FedRecOptions options)
    {
        var tls = options.Tls;
        if (tls.Subject.Length > 0)
        {
            return new RenewedCertificate(() => Usable("FedRec:Silo:Tls:Subject", tls.Subject, () => CertificateLoader.LoadFromStoreCert(tls.Subject, nameof(StoreName.My), tls.Location, allowInvalid: true, server: true)), []);
        }

        if (tls.Certificate.Length == 0)
        {
            return null;
        }

        var (file, key) = (PathOf(options, tls.Certificate, "Certificate"), tls.Key.Length == 0 ? null : PathOf(options, tls.Key, "Key"));
        return new RenewedCertificate(() => Usable("FedRec:Silo:Tls:Certificate", tls.Certificate, () => Load(file, key, tls.Password)), key is null ? [file] : [file, key]);
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

/// <summary>A certificate that is read again when its files have changed, or its store may have.</summary>
/// <remarks>Looked at with a connection that is made, and no more often than each second. Files that are half written, or not usable, leave the certificate as it was: the next look is
/// a moment later. Of a system's store nobody is told what has changed, so it is read once a minute.</remarks>
internal sealed class RenewedCertificate
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_ofStore = TimeSpan.FromMinutes(1);
    private readonly Func<X509Certificate2> _load;
    private readonly string[] _files;
    private readonly TimeProvider _time;
    private readonly Lock _one = new();
    private X509Certificate2 _current;
    private string _seen;
    private long _lookedAt;

    /// <param name="load">Reads it; whoever calls first is told what is wrong with it.</param>
    /// <param name="files">Of which it is read; empty for a store.</param>
    /// <param name="time">Whose time passes.</param>
    public RenewedCertificate(Func<X509Certificate2> load, string[] files, TimeProvider? time = null)
    {
        (_load, _files, _time) = (load, files, time ?? TimeProvider.System);
        (_seen, _lookedAt) = (Seen(), _time.GetTimestamp());
        _current = load();
    }

    /// <summary>The certificate as of now.</summary>
    public X509Certificate2 Current
    {
        get
        {
            lock (_one)
            {
                if (_time.GetElapsedTime(_lookedAt) >= (_files.Length > 0 ? s_look : s_ofStore))
                {
                    Look();
                }

                return _current;
            }
        }
    }

    private void Look()
    {
        _lookedAt = _time.GetTimestamp();
        var seen = Seen();
        if (_files.Length > 0 && seen == _seen)
        {
            return;
        }

        try
        {
            (_current, _seen) = (_load(), seen); // connections that are open go on with the former one
        }
        catch (Exception e) when (e is SettingException or IOException or UnauthorizedAccessException)
        {
            // Being written, or a mistake: others would refuse it, so the one that they take stays.
        }
    }

    private string Seen() => string.Join('|', _files.Select(file => $"{File.GetLastWriteTimeUtc(file).Ticks} {(File.Exists(file) ? new FileInfo(file).Length : 0)}"));
}
