using System.CommandLine;
using FedRec.Cli.Models;
using FedRec.Cli.Output;

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
