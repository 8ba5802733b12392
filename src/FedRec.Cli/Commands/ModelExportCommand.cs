using System.CommandLine;
using FedRec.Cli.Output;
using FedRec.Contracts.Models;

namespace FedRec.Cli.Commands;

/// <summary><c>model export</c>: copies a version out of the store.</summary>
internal static class ModelExportCommand
{
    public static Command Create(Terminal terminal)
    {
        var version = ModelCommand.Version("Version; without it, the one in use.");
        version.Arity = ArgumentArity.ZeroOrOne;
        var to = new Option<string>("--to")
        {
            Description = "Folder for manifest.json, tensors.safetensors and catalogue.json, which says what the rows are of; or a file NAME.safetensors, with NAME.catalogue.json beside it.",
            HelpName = "DIR|FILE",
            Required = true,
        };
        var command = new Command("export", "Writes a version for readers outside FedRec into a folder, or its tensors into a file; the hash is checked, and no file is overwritten.") { version, to };
        command.WithExamples("fedrec model export --to ./model", "fedrec model export 12 --to model-12.safetensors");
        return ModelCommand.Verb(terminal, command, async (context, model, federation, cancellationToken) =>
        {
            var manifest = await VerbSession.ManifestAsync(model, context.Value(version), cancellationToken);
            var place = context.FullPath(context.Value(to));
            if (place.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
            {
                var catalogue = Path.ChangeExtension(place, ModelFiles.Catalogue);
                RequireFree(place);
                RequireFree(catalogue);
                Directory.CreateDirectory(Path.GetDirectoryName(place)!);
                await ModelFiles.WriteTensorsAsync(model, manifest, place, cancellationToken);
                await ModelFiles.WriteCatalogueAsync(model, manifest, catalogue, cancellationToken);
            }
            else
            {
                RequireFree(Path.Combine(place, ModelFiles.Manifest));
                RequireFree(Path.Combine(place, ModelFiles.Tensors));
                RequireFree(Path.Combine(place, ModelFiles.Catalogue));
                await ModelFiles.WriteFolderAsync(model, manifest, place, cancellationToken);
            }

            context.Write(
                new { federation, manifest.Version, manifest.Sha256, manifest.Bytes, to = place },
                new ResultTable($"Exported {federation}, model version {manifest.Version}", "to", ">bytes", "sha256").Add(place, Text.Count(manifest.Bytes), manifest.Sha256));
        });
    }

    // What is there may be the only copy of a version that the store no longer keeps.
    private static void RequireFree(string file)
    {
        if (Path.Exists(file))
        {
            throw new CliException(ExitCode.Failed, $"{file} exists already; it is left as it is.", "Give another --to, or remove it first.");
        }
    }
}

/// <summary>Copies a model version out of the store into files.</summary>
internal static class ModelFiles
{
    public const string Tensors = "tensors.safetensors";
    public const string Manifest = "manifest.json";
    public const string Catalogue = "catalogue.json";
    private const int SliceBytes = 8 << 20;

    /// <summary>Writes manifest and tensors into a folder.</summary>
    public static async Task WriteFolderAsync(IModelGrain model, ModelManifest manifest, string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        await WriteTensorsAsync(model, manifest, Path.Combine(folder, Tensors), cancellationToken);
        await WriteCatalogueAsync(model, manifest, Path.Combine(folder, Catalogue), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, Manifest), Json.Indented(manifest) + "\n", cancellationToken);
    }

    /// <summary>Writes the tensors into one file, which appears only when it is complete and its hash is right.</summary>
    public static async Task WriteTensorsAsync(IModelGrain model, ModelManifest manifest, string file, CancellationToken cancellationToken)
    {
        var partial = file + ".partial";
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        await using (var stream = File.Create(partial))
        {
            await CopyAsync(model, manifest.Version, stream, hash, cancellationToken);
        }

        var actual = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (actual != manifest.Sha256)
        {
            File.Delete(partial);
            throw new CliException(ExitCode.Failed, $"The tensors of version {manifest.Version} are damaged: their SHA-256 is {actual}, not {manifest.Sha256}.", "Roll back to another version and train again.");
        }

        File.Move(partial, file, overwrite: true);
    }

    /// <summary>Writes what the rows of the tensors are of: item ids, learner and options. Versions of before there were catalogues have none.</summary>
    public static async Task WriteCatalogueAsync(IModelGrain model, ModelManifest manifest, string file, CancellationToken cancellationToken)
    {
        if (await model.ReadCatalogueAsync(manifest.Version, cancellationToken) is { } catalogue)
        {
            await File.WriteAllBytesAsync(file, catalogue, cancellationToken);
        }
    }

    private static async Task CopyAsync(IModelGrain model, long version, Stream stream, System.Security.Cryptography.IncrementalHash hash, CancellationToken cancellationToken)
    {
        long offset = 0;
        ContentSlice? slice;
        do
        {
            slice = await model.ReadContentAsync(version, offset, SliceBytes, cancellationToken)
                ?? throw new CliException(ExitCode.Failed, $"The tensors of version {version} are gone.", "fedrec model list shows the versions that are kept.");
            hash.AppendData(slice.Bytes.Span);
            await stream.WriteAsync(slice.Bytes, cancellationToken);
            offset += slice.Bytes.Length;
        }
        while (slice.Bytes.Length > 0 && offset < slice.TotalBytes);
    }
}
