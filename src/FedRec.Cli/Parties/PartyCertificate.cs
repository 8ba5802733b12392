using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FedRec.Cli.Parties;

/// <summary>The certificate by which parties know the coordinator: a given one, or one that is made once and kept beside the data. Invitations name its key.</summary>
internal static class PartyCertificate
{
    private const string FileName = "party-tls.pem";
    private static readonly TimeSpan s_life = TimeSpan.FromDays(3_650); // it is known by its key, and not by who has signed it

    /// <summary>The certificate with its private key.</summary>
    /// <param name="context">Terminal and configuration.</param>
    /// <exception cref="CliException">The given one cannot be read.</exception>
    public static X509Certificate2 Open(CommandContext context)
    {
        var web = context.Settings.Web;
        if (web.PartyCertificate.Length == 0)
        {
            return OpenOwn(Path.Combine(context.DataFolder, FileName));
        }

        try
        {
            return Readable(X509Certificate2.CreateFromPemFile(context.FullPath(web.PartyCertificate)));
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.BadConfiguration, $"FedRec:Web:PartyCertificate is '{web.PartyCertificate}', which cannot be read: {exception.Message.Split('\n')[0]}", "Give a PEM file with a certificate and its private key.", exception);
        }
    }

    private static X509Certificate2 OpenOwn(string file)
    {
        if (!File.Exists(file))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=fedrec", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false)); // a server's
            using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow + s_life);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            var draft = $"{file}.{Guid.NewGuid():N}";
            using (var stream = new StreamWriter(draft, options))
            {
                stream.Write($"{made.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
            }

            try
            {
                File.Move(draft, file, overwrite: false);
            }
            catch (IOException) when (File.Exists(file))
            {
                File.Delete(draft); // another process was quicker: its certificate is the one
            }
        }

        return Readable(X509Certificate2.CreateFromPemFile(file));
    }

    // Some systems want the key in a form that a PEM file does not give.
    private static X509Certificate2 Readable(X509Certificate2 certificate)
    {
        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
        }
    }
}
