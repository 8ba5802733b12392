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
        try
        {
            if (!Path.Exists(file))
            {
                PartyFiles.Try(file, "cannot be made", () => Make(file));
            }

            return PartyFiles.Try(file, "cannot be read", () => Readable(X509Certificate2.CreateFromPemFile(file)));
        }
        catch (Exception exception) when (exception is CryptographicException or PartyFileException)
        {
            throw new CliException(ExitCode.Failed, $"The certificate by which parties know this FedRec: {(exception is PartyFileException ? exception.Message : $"{file} holds no certificate with its private key.")}",
                "Put it back from a copy: parties that have joined know its key. Where there is none, move it away; another one is made, and parties follow it by 'fedrec party move' and its notice.", exception);
        }
    }

    // Two processes may do so at once: the certificate of the quicker one is the one.
    private static bool Make(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=fedrec", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false)); // a server's
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow + s_life);
        var draft = $"{file}.{Guid.NewGuid():N}";
        try
        {
            using (var stream = new StreamWriter(draft, PartyFiles.OwnersOnly(FileMode.CreateNew)))
            {
                stream.Write($"{made.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
            }

            File.Move(draft, file, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(file))
        {
            return false;
        }
        finally
        {
            PartyFiles.Drop(draft);
        }
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
