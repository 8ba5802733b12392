using System.Data.Common;
using System.Reflection;

namespace FedRec.Cli.Parties;

/// <summary>Providers of databases for ADO.NET that FedRec does not bring: an assembly on this machine, such as <c>Npgsql.dll</c>, known by its path.</summary>
internal static class DatabaseProviders
{
    /// <summary>Loads a provider with what stands beside it, and makes it known under its path.</summary>
    /// <param name="path">Full path of the assembly.</param>
    /// <exception cref="CliException">It is no assembly, or has no provider.</exception>
    public static void Register(string path)
    {
        if (DbProviderFactories.TryGetFactory(path, out _))
        {
            return;
        }

        try
        {
            var types = Assembly.LoadFrom(path).GetExportedTypes();
            var factory = types.Where(type => typeof(DbProviderFactory).IsAssignableFrom(type) && !type.IsAbstract)
                .Select(type => type.GetField("Instance", BindingFlags.Public | BindingFlags.Static)?.GetValue(null)).OfType<DbProviderFactory>().FirstOrDefault();
            DbProviderFactories.RegisterFactory(path, factory ?? throw Bad(path, "has no DbProviderFactory with a static field Instance"));
        }
        catch (Exception exception) when (exception is BadImageFormatException or IOException or TypeLoadException or ReflectionTypeLoadException)
        {
            throw Bad(path, $"cannot be loaded: {exception.Message.Split('\n')[0]}", exception);
        }
    }

    private static CliException Bad(string path, string what, Exception? cause = null) =>
        new(ExitCode.Failed, $"The database provider {path} {what}.", "Give the assembly of an ADO.NET provider, with what it needs beside it, such as Npgsql.dll for PostgreSQL.", cause);
}
