using System.Collections.Immutable;
using System.Text.Json;
using FedRec.Contracts.Federations;
using FedRec.Core.Catalogues;
using FedRec.Core.Data;

namespace FedRec.Grains.Parties;

/// <summary>What a version of a catalogue is made of: its items as they came, and what was corrected of them later. Public.</summary>
/// <param name="Items">In the order of their numbers.</param>
/// <param name="Corrections">In order: the whole item.</param>
internal sealed record CatalogueContent(ImmutableArray<CatalogueItem> Items, ImmutableArray<CatalogueItem> Corrections)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true };

    /// <summary>The content as parties are sent it.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, s_json);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static CatalogueContent Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<CatalogueContent>(bytes, s_json) is { Items.IsDefault: false, Corrections.IsDefault: false } content ? content : throw new InvalidDataException("The catalogue is empty.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"The catalogue cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>The catalogue that clients train with.</summary>
    public FederationCatalogue ToCatalogue()
    {
        var ids = new IdMap();
        foreach (var item in Items)
        {
            ids.GetOrAdd(item.Id);
        }

        return FederationCatalogue.Of(ids, Corrected(ids, ItemCatalogue.FromIds(ids), [.. Items, .. Corrections]));
    }

    /// <summary>Titles and tags with what was corrected.</summary>
    internal static ItemCatalogue Corrected(IdMap ids, ItemCatalogue entries, ReadOnlySpan<CatalogueItem> items)
    {
        var (titles, tags) = (entries.Titles.ToArray(), entries.Tags.ToArray());
        foreach (var item in items)
        {
            if (ids.TryGet(item.Id, out var number)) // others came later
            {
                (titles[number], tags[number]) = (item.Title ?? item.Id, item.Tags);
            }
        }

        return entries with { Titles = titles, Tags = tags };
    }
}
