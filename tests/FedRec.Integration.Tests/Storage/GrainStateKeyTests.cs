namespace FedRec.Integration.Tests.Storage;

/// <summary>Grain keys of every kind, also those that an address would change.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class GrainStateKeyTests(AzuriteFixture azurite)
{
    private static readonly GrainType s_type = GrainType.Create("note");

    private static readonly string[] s_keys =
    [
        "plain", "Plain", "a/b", "a/../b", "../b", "b", "..", ".", "a/", "/a", "a//b", "a.", "a./b", "a\\b", "a b", "a+b", "a%2Fb", "a%b", "a?b", "a#b", "a&b=c",
        "\"quoted\"", "ключ", "键", "é", "e\u0301", "😀", "a\nb", "\u0001", new string('k', 900), new string('k', 2000), new string('ж', 700),
    ];

    [Fact]
    public async Task WriteAndRead_EveryKindOfKey_KeepsThemApart()
    {
        using var harness = new GrainStorageHarness(azurite.Client(), $"keys-{Guid.NewGuid():N}");
        GrainId[] grains =
        [
            .. s_keys.Select(key => GrainId.Create(s_type, IdSpan.Create(key))),
            GrainId.Create(s_type, GrainIdKeyExtensions.CreateIntegerKey(-1)),
            GrainId.Create(s_type, GrainIdKeyExtensions.CreateIntegerKey(7, "with/extension")),
            GrainId.Create(s_type, GrainIdKeyExtensions.CreateGuidKey(Guid.NewGuid(), "ext")),
        ];
        for (var i = 0; i < grains.Length; i++)
        {
            await harness.Storage.WriteStateAsync("state", grains[i], new NoteRecord(new Note { Number = i }));
        }

        for (var i = 0; i < grains.Length; i++)
        {
            var read = new NoteRecord(new Note());
            await harness.Storage.ReadStateAsync("state", grains[i], read);
            Assert.True(read.RecordExists, $"{grains[i]} is gone");
            Assert.Equal(i, read.State.Number);
        }
    }

    [Fact]
    public async Task Write_KeyThatNamesTheFolderAbove_StaysInItsContainer()
    {
        var other = azurite.Client().GetBlobContainerClient($"other-{Guid.NewGuid():N}");
        await other.CreateAsync();
        using var harness = new GrainStorageHarness(azurite.Client(), $"keys-{Guid.NewGuid():N}");

        await harness.Storage.WriteStateAsync("state", GrainId.Create(s_type, IdSpan.Create($"../../{other.Name}/stolen")), new NoteRecord(new Note()));

        Assert.Empty(await other.GetBlobsAsync().ToListAsync());
    }
}
