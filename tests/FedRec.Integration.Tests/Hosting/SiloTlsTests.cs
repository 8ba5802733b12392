using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using FedRec.Contracts.Federations;
using FedRec.Hosting;
using FedRec.Hosting.Configuration;
using FedRec.Integration.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime.Placement;

namespace FedRec.Integration.Tests.Hosting;

/// <summary>Two encrypted silos on real ports, with certificates made here: who has one of their authority is let in, and nobody else.</summary>
public sealed class EncryptedCluster : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly AzuriteFixture _azurite = new();
    private readonly string _name = $"tls-{Guid.NewGuid():N}"[..20];
    private IHost[] _silos = [];

    internal TestAuthority Authority { get; private set; } = null!;

    internal TestAuthority Stranger { get; private set; } = null!;

    /// <summary>Ports between silos and for clients, of the first and the second.</summary>
    internal (int Silo, int Gateway)[] Ports { get; } = [.. FreePorts.Find(4).Chunk(2).Select(pair => (pair[0], pair[1]))];

    internal IServiceProvider Silo(int index) => _silos[index].Services;

    public async Task InitializeAsync()
    {
        await _azurite.InitializeAsync();
        (Authority, Stranger) = (new TestAuthority(_folder.Path, "authority"), new TestAuthority(_folder.Path, "stranger"));
        _silos = [.. Ports.Select((ports, index) => Build($"silo-{index}", ports))];
        foreach (var silo in _silos)
        {
            await silo.StartAsync().WaitAsync(TimeSpan.FromMinutes(1));
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var silo in _silos)
        {
            await silo.StopAsync();
            silo.Dispose();
        }

        Authority.Dispose();
        Stranger.Dispose();
        await _azurite.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A client of one silo that gives up at the first refusal.</summary>
    internal async Task<IHost> ConnectAsync(Action<SiloTlsOptions> configure, int to = 0)
    {
        var options = new FedRecOptions();
        configure(options.Tls);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleansClient(client =>
        {
            client.UseStaticClustering(new IPEndPoint(IPAddress.Loopback, Ports[to].Gateway));
            client.Configure<ClusterOptions>(cluster => (cluster.ServiceId, cluster.ClusterId) = ("fedrec", _name));
            client.UseConnectionRetryFilter((_, _) => Task.FromResult(false));
            SiloTls.AddTo(client, options);
        });
        var host = builder.Build();
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            await host.StartAsync(limit.Token);
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private IHost Build(string name, (int Silo, int Gateway) ports)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.AddFedRec(fedrec =>
        {
            fedrec.Storage.ConnectionString = _azurite.ConnectionString;
            (fedrec.Silo.Cluster, fedrec.Silo.SiloPort, fedrec.Silo.GatewayPort) = (_name, ports.Silo, ports.Gateway);
            (fedrec.Tls.Certificate, fedrec.Tls.Authority) = (Authority.IssueFile(name), Authority.File);
        });
        return builder.Build();
    }
}

public sealed class SiloTlsTests(EncryptedCluster cluster) : IClassFixture<EncryptedCluster>
{
    [Fact]
    public async Task SilosAndClient_WithCertificatesOfTheAuthority_AreOneCluster()
    {
        using var client = await cluster.ConnectAsync(tls => (tls.Certificate, tls.Authority) = (cluster.Authority.IssueFile("desk"), cluster.Authority.File), to: 1);
        var grains = client.Services.GetRequiredService<IGrainFactory>();
        var silos = await grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true);

        foreach (var silo in silos.Keys) // one grain on each, though the client is connected to one of them
        {
            RequestContext.Set(IPlacementDirector.PlacementHintKey, silo);
            await grains.GetGrain<IFederationGrain>($"on-{silo.Endpoint.Port}").GetSummaryAsync();
        }

        Assert.Equal(cluster.Ports.Select(ports => ports.Silo).Order(), silos.Keys.Select(silo => silo.Endpoint.Port).Order());
        var places = await grains.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics();
        Assert.Equal(2, places.Where(one => one.GrainType.Contains("FederationGrain", StringComparison.Ordinal)).Select(one => one.SiloAddress).Distinct().Count());
        await client.StopAsync();
    }

    [Fact]
    public async Task Client_WithoutEncryption_IsRefused() => await Assert.ThrowsAnyAsync<Exception>(() => cluster.ConnectAsync(_ => { }));

    [Fact]
    public async Task Client_WithoutACertificate_IsRefused() =>
        await Assert.ThrowsAnyAsync<Exception>(() => cluster.ConnectAsync(tls => tls.Authority = cluster.Authority.File));

    [Fact]
    public async Task Client_WithACertificateOfAnotherAuthority_IsRefused() =>
        await Assert.ThrowsAnyAsync<Exception>(() => cluster.ConnectAsync(tls => (tls.Certificate, tls.Authority) = (cluster.Stranger.IssueFile("desk"), cluster.Authority.File)));

    [Fact]
    public async Task Client_ThatKnowsAnotherAuthority_RefusesTheSilo() =>
        await Assert.ThrowsAnyAsync<Exception>(() => cluster.ConnectAsync(tls => (tls.Certificate, tls.Authority) = (cluster.Authority.IssueFile("lost"), cluster.Stranger.File)));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PlainTcp_AtAnyPort_IsHungUpOn(bool gateway)
    {
        using var plain = await OpenAsync(gateway);
        await using var stream = plain.GetStream();

        await stream.WriteAsync(new byte[512]);

        Assert.True(await IsHungUpAsync(stream));
    }

    [Theory]
    [InlineData(false, "none")]
    [InlineData(false, "stranger's")]
    [InlineData(true, "none")]
    [InlineData(true, "stranger's")]
    public async Task Handshake_WithoutACertificateOfTheAuthority_EndsTheConnectionAtAnyPort(bool gateway, string certificate)
    {
        using var plain = await OpenAsync(gateway);
        await using var stream = new SslStream(plain.GetStream(), false, (_, certificate, _, _) => certificate?.Issuer == "CN=authority");
        using var shown = certificate == "none" ? null : Storable(cluster.Stranger.Issue("desk"));
        X509CertificateCollection own = shown is null ? [] : [shown];

        Assert.True(await IsRefusedAsync(stream, own));
    }

    // The silo's own file is written over while it runs.
    [Fact]
    public async Task Silo_WhoseCertificateIsRenewed_ShowsTheNewOneToWhoeverConnectsNext()
    {
        var before = await ShownAsync();
        cluster.Authority.IssueFile("silo-0", file: Path.Combine(Path.GetDirectoryName(cluster.Authority.File)!, "silo-0-authority.pem"));

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        var after = before;
        while (after == before)
        {
            await Task.Delay(100, limit.Token);
            after = await ShownAsync();
        }

        using var client = await cluster.ConnectAsync(tls => (tls.Certificate, tls.Authority) = (cluster.Authority.IssueFile("later"), cluster.Authority.File));
        await client.StopAsync();
    }

    [Fact]
    public void Certificate_IsReadAgain_WhenItsFileHasChanged_AndStaysWhereThatCannotBeUsed()
    {
        var (time, file) = (new MovedTime(), cluster.Authority.IssueFile("renewed"));
        var own = new RenewedCertificate(() => Read(file), [file], time);
        var first = own.Current.SerialNumber;

        File.WriteAllText(file, "half of a cert");
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(first, own.Current.SerialNumber);
        cluster.Authority.IssueFile("renewed", file: file);
        Assert.Equal(first, own.Current.SerialNumber); // looked at a moment ago
        time.Advance(TimeSpan.FromSeconds(2));
        var second = own.Current.SerialNumber;
        File.Delete(file);
        time.Advance(TimeSpan.FromSeconds(2));

        Assert.NotEqual(first, second);
        Assert.Equal(second, own.Current.SerialNumber);

        static X509Certificate2 Read(string path)
        {
            try
            {
                return X509Certificate2.CreateFromPemFile(path);
            }
            catch (System.Security.Cryptography.CryptographicException e)
            {
                throw new IOException(e.Message, e);
            }
        }
    }

    [Fact]
    public async Task Client_WithACertificateOfTheSystemsStore_IsLetIn()
    {
        using var certificate = Storable(cluster.Authority.Issue($"store-{Guid.NewGuid():N}"));
        using var store = new X509Store(StoreName.My, StoreLocation.CurrentUser);
        store.Open(OpenFlags.ReadWrite);
        store.Add(certificate);
        try
        {
            using var client = await cluster.ConnectAsync(tls => (tls.Subject, tls.Authority) = (certificate.Subject["CN=".Length..], cluster.Authority.File));
            await client.Services.GetRequiredService<IGrainFactory>().GetGrain<IFederationGrain>("by-subject").GetSummaryAsync();
            await client.StopAsync();
        }
        finally
        {
            store.Remove(certificate);
        }
    }

    [Fact]
    public async Task Client_WithASubjectThatIsNotInTheStore_IsToldSo() =>
        Assert.Contains("FedRec:Silo:Tls:Subject is 'nobody-has-this'", (await Assert.ThrowsAsync<SettingException>(() =>
            cluster.ConnectAsync(tls => (tls.Subject, tls.Authority) = ("nobody-has-this", cluster.Authority.File)))).Message, StringComparison.Ordinal);

    // The certificate that the first silo shows.
    private async Task<string> ShownAsync()
    {
        using var plain = await OpenAsync(gateway: true);
        var shown = "";
        await using var stream = new SslStream(plain.GetStream(), false, (_, certificate, _, _) => (shown = certificate!.GetSerialNumberString()).Length > 0);
        await IsRefusedAsync(stream, []);
        return shown;
    }

    [Theory]
    [InlineData("authority", "desk", 20, "", true)]
    [InlineData("authority", "desk", 20, "desk", true)]
    [InlineData("authority", "desk", 20, "silo", false)]
    [InlineData("authority", "desk", -1, "", false)] // no longer valid
    [InlineData("stranger", "desk", 20, "desk", false)]
    public void Certificate_IsTrusted_WhereAuthorityTimeAndNameAreRight(string authority, string dns, int until, string demanded, bool expected)
    {
        using var certificate = (authority == "authority" ? cluster.Authority : cluster.Stranger).Issue(dns, until);

        Assert.Equal(expected, SiloTls.IsTrusted(certificate, SslPolicyErrors.None, new SiloTlsOptions { Name = demanded }, cluster.Authority.Roots));
    }

    [Theory]
    [InlineData(SslPolicyErrors.None, true)]
    [InlineData(SslPolicyErrors.RemoteCertificateNameMismatch, true)] // the name is checked against the one that is demanded
    [InlineData(SslPolicyErrors.RemoteCertificateChainErrors, false)]
    public void Certificate_WithoutAnAuthorityOfOnesOwn_IsTrustedAsTheSystemSays(SslPolicyErrors errors, bool expected)
    {
        using var certificate = cluster.Authority.Issue("desk");

        Assert.Equal(expected, SiloTls.IsTrusted(certificate, errors, new SiloTlsOptions { Name = "desk" }, null));
    }

    private async Task<TcpClient> OpenAsync(bool gateway)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway ? cluster.Ports[0].Gateway : cluster.Ports[0].Silo);
        return client;
    }

    // A certificate that is refused may be so after the client has taken the handshake for done (TLS 1.3).
    private static async Task<bool> IsRefusedAsync(SslStream stream, X509CertificateCollection own)
    {
        try
        {
            await stream.AuthenticateAsClientAsync("fedrec", own, checkCertificateRevocation: false);
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            return true;
        }

        return await IsHungUpAsync(stream);
    }

    private static async Task<bool> IsHungUpAsync(Stream stream)
    {
        try
        {
            return await stream.ReadAsync(new byte[512]).AsTask().WaitAsync(TimeSpan.FromMinutes(4)) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static X509Certificate2 Storable(X509Certificate2 certificate)
    {
        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        }
    }

    private sealed class MovedTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan by) => _ticks += by.Ticks;

        public override long GetTimestamp() => _ticks;
    }
}
