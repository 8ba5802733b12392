using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FedRec.Integration.Tests.Hosting;

/// <summary>An authority made in a test, and the files of certificates that it gives.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly string _folder;
    private readonly X509Certificate2 _root;

    /// <param name="folder">Where the files are written.</param>
    /// <param name="name">Names the authority and its file.</param>
    public TestAuthority(string folder, string name)
    {
        _folder = folder;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _root = request.CreateSelfSigned(Day(-30), Day(30));
        File = Path.Combine(folder, $"{name}.pem");
        System.IO.File.WriteAllText(File, _root.ExportCertificatePem());
    }

    /// <summary>Its own certificate.</summary>
    public string File { get; }

    public X509Certificate2Collection Roots => [_root];

    /// <summary>A certificate for a name, with its key.</summary>
    /// <param name="dns">The name.</param>
    /// <param name="until">Days from now until which it is valid.</param>
    public X509Certificate2 Issue(string dns, int until = 20)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={dns}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(dns);
        request.CertificateExtensions.Add(names.Build());
        using var bare = request.Create(_root, Day(-25), Day(until), RandomNumberGenerator.GetBytes(8));
        return bare.CopyWithPrivateKey(key);
    }

    /// <summary>The same as a file with certificate and key.</summary>
    /// <param name="dns">The name.</param>
    /// <param name="until">Days from now until which it is valid.</param>
    /// <param name="file">Written over; by default a file named after both.</param>
    public string IssueFile(string dns, int until = 20, string? file = null)
    {
        using var certificate = Issue(dns, until);
        file ??= Path.Combine(_folder, $"{dns}-{Path.GetFileName(File)}");
        System.IO.File.WriteAllText(file, $"{certificate.ExportCertificatePem()}\n{certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()}\n");
        return file;
    }

    public void Dispose() => _root.Dispose();

    private static DateTimeOffset Day(int from) => DateTimeOffset.UtcNow.AddDays(from);
}
