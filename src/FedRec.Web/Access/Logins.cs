using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using FedRec.Contracts.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FedRec.Web.Access;

/// <summary>Keeps people who gave a key to the page's login logged in, by ASP.NET Core's own cookies: sealed, for this site only, out of reach of scripts, and by https only where it came so.</summary>
/// <remarks>The cookie names the key and is no key; whether that is still good is looked up for every request. As <see cref="TokenCallers"/> it has services of its own.</remarks>
internal sealed class Logins : IDisposable
{
    private const string SchemeName = "fedrec-login";
    private const string CookieName = "fedrec";
    private const string KeyClaim = "key";
    private const string Configured = "configured ";
    private static readonly TimeSpan s_life = TimeSpan.FromHours(8);
    private readonly ServiceProvider _services;
    private readonly string _configured;

    public Logins(IOptions<FedRecWebOptions> options, TimeProvider time)
    {
        var (access, services) = (options.Value.Access, new ServiceCollection());
        services.AddLogging().AddSingleton(time).AddSingleton(UrlEncoder.Default);
        var protection = services.AddDataProtection().SetApplicationName("FedRec");
        _ = access.LoginKeysFolder.Length > 0 ? protection.PersistKeysToFileSystem(Folder(access.LoginKeysFolder)) : protection.UseEphemeralDataProtectionProvider();
        services.AddAuthentication().AddCookie(SchemeName, cookie =>
        {
            (cookie.Cookie.Name, cookie.Cookie.Path, cookie.Cookie.HttpOnly, cookie.Cookie.SameSite, cookie.Cookie.SecurePolicy) = (CookieName, "/", true, SameSiteMode.Strict, CookieSecurePolicy.SameAsRequest);
            (cookie.ExpireTimeSpan, cookie.SlidingExpiration) = (s_life, true);
        });
        _services = services.BuildServiceProvider();
        _configured = access.Key.Length == 0 ? "" : Configured + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(access.Key)))[..32]; // another configured key ends those logins
    }

    /// <summary>Logs somebody in by a key that is good.</summary>
    /// <param name="context">The request.</param>
    /// <param name="key">Its record; null for the configured one.</param>
    public async Task EnterAsync(HttpContext context, AccessKeyRecord? key)
    {
        var identity = new ClaimsIdentity([new Claim(KeyClaim, key?.Id ?? _configured)], SchemeName);
        await (await HandlerAsync(context)).SignInAsync(new ClaimsPrincipal(identity), null);
    }

    /// <summary>Logs out.</summary>
    public async Task LeaveAsync(HttpContext context) => await (await HandlerAsync(context)).SignOutAsync(null);

    /// <summary>Who is logged in; null for nobody, or somebody whose key is good no more.</summary>
    public async Task<Caller?> FindAsync(HttpContext context, IReadOnlyDictionary<string, AccessKeyRecord> keys, DateTimeOffset now)
    {
        if (!context.Request.Cookies.ContainsKey(CookieName) || (await (await HandlerAsync(context)).AuthenticateAsync()).Principal?.FindFirst(KeyClaim)?.Value is not { } id)
        {
            return null;
        }

        return id == _configured && id.Length > 0 ? Caller.Configured with { IsLogin = true }
            : keys.TryGetValue(id, out var key) && key.IsGood(now) ? Caller.Of(key) with { IsLogin = true } : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _services.Dispose();

    private async Task<CookieAuthenticationHandler> HandlerAsync(HttpContext context)
    {
        var handler = ActivatorUtilities.CreateInstance<CookieAuthenticationHandler>(_services);
        await handler.InitializeAsync(new AuthenticationScheme(SchemeName, null, typeof(CookieAuthenticationHandler)), context);
        return handler;
    }

    private static DirectoryInfo Folder(string path) => OperatingSystem.IsWindows() ? Directory.CreateDirectory(path) : Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
}
